// The audit of the money: that every account is the sum of its transfers, all together are zero,
// and each reservation was paid from the right wallet to the right event.
#pragma once

#include "store/audit_sales.h"

namespace onsale::store {

class MoneyAudit {
 public:
  /// `sales` has been read; its reservations are told what was paid for them.
  MoneyAudit(Reader& reader, AuditFindings& findings, SalesAudit& sales)
      : reader_(reader), findings_(findings), sales_(sales) {}

  [[nodiscard]] Result<void> read_money();
  void check_accounts();

 private:
  struct AccountFacts {
    domain::Account row;
    domain::Money moved;  ///< by the transfers read so far
  };

  void take(const domain::Account& row);
  void take(const domain::Transfer& row);
  void settle(const domain::Transfer& row, const domain::Account& wallet,
              const domain::Account& revenue);

  Reader& reader_;
  AuditFindings& findings_;
  SalesAudit& sales_;
  AuditMap<domain::AccountId, AccountFacts> accounts_;
};

}  // namespace onsale::store
