// Charging, and money as double entry (domain.md "Wallet").
#include "domain/wallet.h"

#include <gtest/gtest.h>

#include "tests/support/office.h"
#include "tests/support/script.h"
#include "tests/support/script_text.h"

namespace onsale::testing {
namespace {

using domain::Charge;
using domain::ChargeResult;
using domain::Money;
using domain::UserId;

class Wallet : public ::testing::Test {
 protected:
  domain::ChargeOutcome charge(std::int64_t amount) {
    return office_.run(Charge{fan_, Money{amount}}, at_);
  }
  [[nodiscard]] Money balance() const { return office_.wallet(fan_).balance; }
  [[nodiscard]] Money sum_of_accounts() const {
    Money sum;
    for (const auto& [id, account] : office_.tables().accounts) sum += account.balance;
    return sum;
  }

  Office office_;
  domain::Timestamp at_ = parse_time("10:00:00");
  UserId fan_ = office_.run(domain::CreateUser{"fan@example.org", "Fan", "hash"}, at_).user.id;
};

TEST_F(Wallet, ChargingAddsMoneyAndSaysTheNewBalance) {
  play(R"(
    at 10:00:00  fan1 charges 100      balance 100
    at 10:00:01  fan1 charges 50       balance 150
    and          fan1 charges 1        balance 151
    and          fan2 charges 7        balance 7
    and          wallet of fan1 is     151
  )");
}

TEST_F(Wallet, AChargeIsBetweenOneAndItsMaximum) {
  EXPECT_EQ(charge(0).result, ChargeResult::invalid_amount);
  EXPECT_EQ(charge(-1).result, ChargeResult::invalid_amount);
  EXPECT_EQ(charge(10'000'001).result, ChargeResult::invalid_amount);
  EXPECT_EQ(charge(std::numeric_limits<std::int64_t>::max()).result, ChargeResult::invalid_amount);
  EXPECT_EQ(balance(), Money{0});
  EXPECT_EQ(charge(1).result, ChargeResult::charged);
  EXPECT_EQ(charge(10'000'000).result, ChargeResult::charged);
  EXPECT_EQ(balance(), Money{10'000'001});
}

TEST_F(Wallet, ABalanceEndsAtTenToTheFifteenth) {
  constexpr std::int64_t most = 1'000'000'000'000'000;
  office_.policy.wallet.charge_max = Money{most + 1};
  EXPECT_EQ(charge(most + 1).result, ChargeResult::balance_limit);
  EXPECT_EQ(charge(most - 1).result, ChargeResult::charged);
  EXPECT_EQ(charge(2).result, ChargeResult::balance_limit);
  EXPECT_EQ(charge(1).result, ChargeResult::charged);
  EXPECT_EQ(charge(1).result, ChargeResult::balance_limit);
  EXPECT_EQ(balance(), Money{most});
  EXPECT_EQ(sum_of_accounts(), Money{0});
}

TEST_F(Wallet, UserNotFoundBeforeInvalidAmountBeforeBalanceLimit) {
  EXPECT_EQ(office_.run(Charge{UserId{99}, Money{0}}, at_).result, ChargeResult::user_not_found);
  office_.policy.wallet.charge_max = domain::wallet_balance_max;
  EXPECT_EQ(charge(domain::wallet_balance_max.minor).result, ChargeResult::charged);
  EXPECT_EQ(charge(domain::wallet_balance_max.minor + 1).result, ChargeResult::invalid_amount);
  EXPECT_EQ(charge(1).result, ChargeResult::balance_limit);
}

TEST_F(Wallet, EveryTransferDebitsOneAccountAndCreditsAnother) {
  const domain::Transfer transfer = charge(100).transfer;
  const auto& accounts = office_.tables().accounts;
  EXPECT_EQ(accounts.at(transfer.debit).kind, domain::AccountKind::funding);
  EXPECT_EQ(accounts.at(transfer.debit).balance, Money{-100});
  EXPECT_EQ(accounts.at(transfer.credit).kind, domain::AccountKind::wallet);
  EXPECT_EQ(accounts.at(transfer.credit).balance, Money{100});
  EXPECT_EQ(transfer.wallet, transfer.credit);
  EXPECT_EQ(transfer.cause, domain::TransferCause::charge);
  EXPECT_EQ(transfer.created_at, at_);
  EXPECT_FALSE(transfer.reservation);
  EXPECT_EQ(sum_of_accounts(), Money{0});
}

/// post() is the last line of defence: what it refuses is a bug of the caller.
class Posting : public ::testing::Test {
 protected:
  Posting() {
    using domain::AccountKind;
    rows_.accounts.load({1}, {{.id = {1}, .kind = AccountKind::wallet, .balance = {50}}, {50}});
    rows_.accounts.load({2}, {{.id = {2}, .kind = AccountKind::revenue, .balance = {0}}, {0}});
  }
  void post(std::int64_t debit, std::int64_t credit, std::int64_t amount, std::int64_t wallet) {
    domain::post(rows_, {.debit = {debit},
                         .credit = {credit},
                         .amount = {amount},
                         .cause = domain::TransferCause::payment,
                         .wallet = {wallet}});
  }
  domain::Rows rows_;
};

TEST_F(Posting, RefusesWhatMustNeverBe) {
  EXPECT_NO_THROW(post(1, 2, 50, 1));
  EXPECT_THROW(post(1, 2, 1, 1), domain::BrokenInvariant);  // the wallet is empty
  EXPECT_THROW(post(2, 1, 0, 1), domain::BrokenInvariant);
  EXPECT_THROW(post(2, 1, -5, 1), domain::BrokenInvariant);
  EXPECT_THROW(post(1, 1, 5, 1), domain::BrokenInvariant);
  EXPECT_THROW(post(2, 1, 5, 2), domain::BrokenInvariant);  // 2 is no wallet
}

TEST_F(Posting, HouseAccountsAreWrittenAsDifferences) {
  post(1, 2, 30, 1);
  EXPECT_EQ(rows_.accounts.get({2}).difference(), Money{30});
  EXPECT_EQ(rows_.accounts.get({1}).difference(), Money{-30});
}

}  // namespace
}  // namespace onsale::testing
