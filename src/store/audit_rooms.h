// The audit of waiting rooms and journal: that rooms count their visitors, nobody is there twice,
// nobody was let in while somebody before them went on waiting, and every place that was drawn is
// the one that the seed gives.
#pragma once

#include <utility>
#include <vector>

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
  /// A visitor's time in the line: until admission or another end, or still.
  struct Wait {
    std::int64_t order_key = 0;
    std::int64_t number = 0;
    bool admitted = false;
    domain::Timestamp until = domain::Timestamp::min();
  };
  struct RoomFacts {
    domain::WaitingRoom row;
    std::int64_t waiting = 0;
    std::int64_t active = 0;
    std::int64_t last_number = 0;
    std::vector<Wait> by_lot{};  ///< those of a lottery, until their order was checked
    Wait longest{};              ///< who waited longest among those whose order was checked
  };

  void check_visitor(const domain::Visitor& row, RoomFacts& room);
  void check_place(const domain::Visitor& row, const domain::WaitingRoom& room);
  void check_order(const Wait& wait, RoomFacts& room);
  void check_drawn_order(RoomFacts& room);

  Reader& reader_;
  AuditFindings& findings_;
  const AuditSet<domain::UserId>& users_;
  AuditMap<domain::RoomId, RoomFacts> rooms_;
  AuditSet<std::pair<domain::UserId, domain::RoomId>> present_;
};

}  // namespace onsale::store
