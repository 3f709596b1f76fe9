// Who there is: addresses are unique whatever their case, and everybody has a wallet.
#include "domain/identity.h"

#include <gtest/gtest.h>

#include "tests/support/office.h"

namespace onsale::testing {
namespace {

using domain::ChangeUser;
using domain::ChangeUserResult;
using domain::CreateUser;
using domain::CreateUserOutcome;
using domain::CreateUserResult;
using domain::Role;

constexpr domain::Timestamp at{std::chrono::hours{10}};

TEST(Identity, AddressesAreComparedInLowerCase) {
  EXPECT_EQ(domain::normal_email("Kim.MinJi@Example.ORG"), "kim.minji@example.org");
  EXPECT_EQ(domain::normal_email("민지@Example.org"), "민지@example.org");
  Office office;
  const auto first = office.run(CreateUser{"Kim@Example.org", "Kim", "hash"}, at);
  EXPECT_EQ(first.result, CreateUserResult::created);
  EXPECT_EQ(first.user.email, "kim@example.org");
  EXPECT_EQ(office.run(CreateUser{"kIM@example.ORG", "Other", "hash"}, at).result,
            CreateUserResult::email_taken);
  EXPECT_EQ(office.tables().users.size(), 1U);
}

TEST(Identity, OneAddressTwiceInOneBatchIsOneUser) {
  Office office;
  const auto outcomes = office.batch(
      {CreateUser{"kim@example.org", "Kim", "h"}, CreateUser{"KIM@example.org", "Kim", "h"}}, at);
  EXPECT_EQ(std::get<CreateUserOutcome>(outcomes[0]).result, CreateUserResult::created);
  EXPECT_EQ(std::get<CreateUserOutcome>(outcomes[1]).result, CreateUserResult::email_taken);
}

TEST(Identity, ANewUserHasAnEmptyWallet) {
  Office office;
  const auto user =
      office.run(CreateUser{"kim@example.org", "Kim", "hash", Role::organiser}, at).user;
  EXPECT_EQ(user.name, "Kim");
  EXPECT_EQ(user.password_hash, "hash");
  EXPECT_EQ(user.role, Role::organiser);
  EXPECT_EQ(user.created_at, at);
  EXPECT_EQ(office.wallet(user.id).kind, domain::AccountKind::wallet);
  EXPECT_EQ(office.wallet(user.id).owner, user.id.value);
  EXPECT_EQ(office.wallet(user.id).balance, domain::Money{0});
}

TEST(Identity, ChangesOnlyWhatIsGiven) {
  Office office;
  const auto id = office.run(CreateUser{"kim@example.org", "Kim", "old"}, at).user.id;
  EXPECT_EQ(office.run(ChangeUser{.email = "nobody@example.org"}, at).result,
            ChangeUserResult::not_found);

  const ChangeUser promote{.email = "KIM@example.org", .role = Role::staff};
  EXPECT_EQ(office.run(promote, at).result, ChangeUserResult::changed);
  EXPECT_EQ(office.tables().users.at(id).role, Role::staff);
  EXPECT_EQ(office.tables().users.at(id).password_hash, "old");

  office.run(ChangeUser{.email = "kim@example.org", .password_hash = "new"}, at);
  EXPECT_EQ(office.tables().users.at(id).role, Role::staff);
  EXPECT_EQ(office.tables().users.at(id).password_hash, "new");
}

}  // namespace
}  // namespace onsale::testing
