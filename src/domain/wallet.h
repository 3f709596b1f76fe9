// Money as double entry: every transfer debits one account and credits another by the same
// amount, so all accounts together are always zero. A wallet is never negative.
#pragma once

#include "domain/footprint.h"
#include "domain/policy.h"
#include "domain/rows.h"

namespace onsale::domain {

/// Adds money to a user's wallet.
struct Charge {
  UserId user;
  Money amount;
};

/// In order of precedence.
enum class ChargeResult {
  user_not_found,
  invalid_amount,  ///< not in 1 … WalletPolicy::charge_max
  balance_limit,   ///< the balance would pass wallet_balance_max
  charged,
};

struct ChargeOutcome {
  ChargeResult result = ChargeResult::charged;
  Transfer transfer;  ///< when `charged`; its wallet_balance_after is the new balance

  [[nodiscard]] bool executed() const { return result == ChargeResult::charged; }
};

void footprint(const Charge& command, const Policy& policy, Footprint& need);
ChargeOutcome decide(Rows& rows, const Charge& command, Timestamp now, const Policy& policy);

/// Posts one transfer between two loaded accounts, one of which must be a wallet, and
/// records it. Throws BrokenInvariant if it would leave a wallet negative: whether the
/// balance covers it is the caller's rule, to be checked before.
const Transfer& post(Rows& rows, Transfer transfer);

/// The user's wallet balance. The wallet must be in the footprint and exist.
[[nodiscard]] Money wallet_balance(const Rows& rows, UserId user);

}  // namespace onsale::domain
