#include "store/audit_money.h"

namespace onsale::store {

using namespace domain;  // the audit speaks of nothing else

Result<void> MoneyAudit::read_money() {
  auto read = reader_.each_account([this](const Account& row) { take(row); });
  if (read) read = reader_.each_transfer([this](const Transfer& row) { take(row); });
  return read;
}

void MoneyAudit::take(const Account& row) {
  ++findings_.report.accounts;
  accounts_[row.id].row = row;
  const bool owned = row.kind == AccountKind::wallet ? sales_.users().contains(UserId{row.owner})
                     : row.kind == AccountKind::revenue
                         ? sales_.events().contains(EventId{row.owner})
                         : row.owner == 0;
  findings_.expect(owned, "account {}: {} of {}, who does not exist", row.id.value,
                   to_text(row.kind), row.owner);
}

void MoneyAudit::take(const Transfer& row) {
  ++findings_.report.transfers;
  const auto debit = accounts_.find(row.debit);
  const auto credit = accounts_.find(row.credit);
  if (debit == accounts_.end() || credit == accounts_.end()) {
    return findings_.violation("transfer {}: account {} or {} does not exist", row.id.value,
                               row.debit.value, row.credit.value);
  }
  findings_.expect(row.amount > Money{0}, "transfer {}: its amount is {}", row.id.value,
                   row.amount.minor);
  debit->second.moved -= row.amount;
  credit->second.moved += row.amount;
  const bool to_wallet = row.cause != TransferCause::payment;
  const AccountFacts& wallet = to_wallet ? credit->second : debit->second;
  const AccountFacts& house = to_wallet ? debit->second : credit->second;
  findings_.expect(
      wallet.row.id == row.wallet && wallet.row.kind == AccountKind::wallet &&
          house.row.kind ==
              (row.cause == TransferCause::charge ? AccountKind::funding : AccountKind::revenue),
      "transfer {}: a {} does not go between these accounts", row.id.value, to_text(row.cause));
  findings_.expect(row.wallet_balance_after == wallet.moved,
                   "transfer {}: wallet {} is said to have {} after it, but has {}", row.id.value,
                   row.wallet.value, row.wallet_balance_after.minor, wallet.moved.minor);
  if (row.cause != TransferCause::charge) settle(row, wallet.row, house.row);
}

void MoneyAudit::settle(const Transfer& row, const Account& wallet, const Account& revenue) {
  SalesAudit::ReservationFacts* facts = sales_.reservation(row.reservation);
  if (!facts) {
    return findings_.violation("transfer {}: its reservation {} does not exist", row.id.value,
                               row.reservation.value);
  }
  findings_.expect(facts->row.user.value == wallet.owner && facts->row.event.value == revenue.owner,
                   "transfer {}: not between the buyer and the event of reservation {}",
                   row.id.value, row.reservation.value);
  (row.cause == TransferCause::payment ? facts->paid : facts->refunded) += row.amount;
}

void MoneyAudit::check_accounts() {
  Money sum;
  AuditMap<UserId, int> wallets;
  for (const auto& [id, account] : accounts_) {
    const Money balance = account.row.balance;
    sum += balance;
    findings_.expect(balance == account.moved, "account {}: balance is {}, its transfers make {}",
                     id.value, balance.minor, account.moved.minor);
    if (account.row.kind != AccountKind::wallet) continue;
    ++wallets[UserId{account.row.owner}];
    findings_.expect(balance >= Money{0}, "account {}: a wallet with {}", id.value, balance.minor);
  }
  findings_.expect(sum == Money{0}, "accounts: their sum is {}, not 0", sum.minor);
  for (const UserId user : sales_.users()) {
    findings_.expect(wallets[user] == 1, "user {}: has {} wallets", user.value, wallets[user]);
  }
}

}  // namespace onsale::store
