#include "domain/wallet.h"

namespace onsale::domain {

void footprint(const Charge& command, const Policy&, Footprint& need) {
  need.wallets.push_back(command.user);
  ++need.fresh.transfers;
}

ChargeOutcome decide(Rows& rows, const Charge& command, Timestamp now, const Policy& policy) {
  const AccountId* wallet = rows.wallets.find(command.user);
  if (!wallet) return {ChargeResult::user_not_found, {}};
  if (command.amount < Money{1} || command.amount > policy.wallet.charge_max) {
    return {ChargeResult::invalid_amount, {}};
  }
  if (wallet_balance(rows, command.user) + command.amount > wallet_balance_max) {
    return {ChargeResult::balance_limit, {}};
  }
  const Transfer& posted = post(rows, {.debit = rows.funding,
                                       .credit = *wallet,
                                       .amount = command.amount,
                                       .cause = TransferCause::charge,
                                       .wallet = *wallet,
                                       .created_at = now});
  return {ChargeResult::charged, posted};
}

const Transfer& post(Rows& rows, Transfer transfer) {
  require(transfer.amount > Money{0}, "a transfer moves a positive amount");
  require(transfer.debit != transfer.credit, "a transfer has two sides");
  rows.accounts.change(transfer.debit).account.balance -= transfer.amount;
  rows.accounts.change(transfer.credit).account.balance += transfer.amount;
  const Account& wallet = rows.accounts.get(transfer.wallet).account;
  require(wallet.kind == AccountKind::wallet, "a transfer names its wallet");
  require(wallet.balance >= Money{0}, "a wallet is never negative");
  transfer.id = rows.ids.transfers.take();
  transfer.wallet_balance_after = wallet.balance;
  rows.records.emplace_back(MoneyMoved{transfer});
  return rows.new_transfers.emplace_back(transfer);
}

Money wallet_balance(const Rows& rows, UserId user) {
  return rows.accounts.get(rows.wallets.get(user)).account.balance;
}

}  // namespace onsale::domain
