#include "store/fairness.h"

#include <map>
#include <utility>
#include <variant>

#include "store/fairness_room.h"

namespace onsale::store {

using namespace domain;  // the audit speaks of nothing else

namespace {

class Fairness {
 public:
  Fairness(Reader& reader, const Policy& defaults) : reader_(reader), defaults_(defaults) {}

  Result<void> read() {
    auto read = reader_.each_room([this](const WaitingRoom& row) { rows_.emplace(row.id, row); });
    if (!read) return read;
    return reader_.each_journal_entry(JournalId{},
                                      [this](const JournalEntry& entry) { replay(entry); });
  }

  FairnessReport finish() {
    for (auto& [id, room] : rooms_) report_.rooms.push_back(room.finish());
    report_.violations = std::move(findings_.violations);
    report_.violations_left_out = findings_.left_out;
    return std::move(report_);
  }

 private:
  void replay(const JournalEntry& entry) {
    if (report_.journal_entries++ == 0) report_.first_at = entry.at;
    report_.last_at = entry.at;
    for (const Record& record : entry.records) {
      if (const auto* visitor = std::get_if<VisitorMoved>(&record)) {
        room(visitor->visitor.room).replay(*visitor, entry.at);
      } else if (const auto* moved = std::get_if<RoomMoved>(&record)) {
        room(moved->room.id).replay(*moved, entry.at);
      } else if (const auto* declared = std::get_if<PolicyDeclared>(&record)) {
        declare(declared->policy, entry.at);
      }
    }
  }

  void declare(const Policy& policy, Timestamp at) {
    for (auto& [id, room] : rooms_) room.declare(policy, declared_ ? &*declared_ : nullptr, at);
    declared_ = policy;
  }

  FairnessReplay& room(RoomId id) {
    const auto found = rooms_.find(id);
    if (found != rooms_.end()) return found->second;
    const auto row = rows_.find(id);
    const WaitingRoom known = row == rows_.end() ? WaitingRoom{.id = id} : row->second;
    FairnessReplay& fresh = rooms_.try_emplace(id, known, defaults_, findings_).first->second;
    if (declared_) fresh.declare(*declared_, nullptr, report_.last_at);
    return fresh;
  }

  Reader& reader_;
  const Policy& defaults_;
  std::optional<Policy> declared_;  ///< in the journal, by the server that started last
  FairnessFindings findings_;
  FairnessReport report_;
  std::map<RoomId, WaitingRoom> rows_;  ///< for their names, and for settings the journal lacks
  std::map<RoomId, FairnessReplay> rooms_;
};

}  // namespace

Result<FairnessReport> audit_fairness(Reader& reader, const Policy& defaults) {
  Fairness fairness(reader, defaults);
  const auto read = reader.snapshot([&] { return fairness.read(); });
  if (!read) return std::unexpected(read.error());
  return fairness.finish();
}

std::string_view to_text(ExceptionCause cause) {
  switch (cause) {
    case ExceptionCause::left:
      return "left";
    case ExceptionCause::revoked:
      return "revoked";
    case ExceptionCause::idle:
      return "idle for too long";
    case ExceptionCause::unclaimed:
      return "did not show up";
    case ExceptionCause::session_over:
      return "session over";
  }
  return "";
}

}  // namespace onsale::store
