// The audit of waiting rooms and journal: that rooms count their visitors, nobody is there twice
// and nobody was let in while a lower number went on waiting.
#pragma once

#include <utility>

#include "store/audit_findings.h"

namespace onsale::store {

class RoomsAudit {
 public:
  RoomsAudit(Reader& reader, AuditFindings& findings, const AuditSet<domain::UserId>& users)
      : reader_(reader), findings_(findings), users_(users) {}

  [[nodiscard]] Result<void> read_visitors();
  void check_rooms();
  /// The journal's positions ascend and no batch is in it twice.
  [[nodiscard]] Result<void> read_journal();

 private:
  /// The visitor who waited longest among those read so far, of one room.
  struct LongestWait {
    std::int64_t number = 0;
    domain::Timestamp until = domain::Timestamp::min();
  };
  struct RoomFacts {
    domain::WaitingRoom row;
    std::int64_t waiting = 0;
    std::int64_t active = 0;
    std::int64_t last_number = 0;
    LongestWait longest;
  };

  void check_visitor(const domain::Visitor& row, RoomFacts& room);
  void check_order(const domain::Visitor& row, RoomFacts& room);

  Reader& reader_;
  AuditFindings& findings_;
  const AuditSet<domain::UserId>& users_;
  AuditMap<domain::RoomId, RoomFacts> rooms_;
  AuditSet<std::pair<domain::UserId, domain::RoomId>> present_;
};

}  // namespace onsale::store
