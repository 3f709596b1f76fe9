#include "domain/identity.h"

#include <algorithm>

#include "domain/text.h"

namespace onsale::domain {

std::string normal_email(std::string email) {
  std::ranges::transform(email, email.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return email;
}

void footprint(const CreateUser& command, const Policy&, Footprint& need) {
  if (!is_text(command.email)) return;
  need.emails.push_back(normal_email(command.email));
  ++need.fresh.users;
  ++need.fresh.accounts;
}

CreateUserOutcome decide(Rows& rows, const CreateUser& command, Timestamp now, const Policy&) {
  require(is_text(command.email) && is_text(command.name), "a user's texts are texts");
  std::string email = normal_email(command.email);
  if (rows.users_by_email.find(email)) return {CreateUserResult::email_taken, {}};
  const UserId id = rows.ids.users.take();
  const User& user = rows.users.add(id, {.id = id,
                                         .email = email,
                                         .name = command.name,
                                         .password_hash = command.password_hash,
                                         .role = command.role,
                                         .created_at = now});
  rows.users_by_email.add(email, id);
  const AccountId wallet = rows.ids.accounts.take();
  rows.accounts.add(
      wallet,
      {.account = {.id = wallet, .kind = AccountKind::wallet, .owner = id.value, .balance = {}},
       .loaded_balance = {}});
  rows.wallets.add(id, wallet);
  rows.records.emplace_back(CatalogueChanged{CatalogueChanged::What::user, id.value});
  return {CreateUserResult::created, user};
}

void footprint(const ChangeUser& command, const Policy&, Footprint& need) {
  if (!is_text(command.email)) return;
  need.emails.push_back(normal_email(command.email));
}

ChangeUserOutcome decide(Rows& rows, const ChangeUser& command, Timestamp, const Policy&) {
  if (!is_text(command.email)) return {ChangeUserResult::not_found, {}};
  const UserId* id = rows.users_by_email.find(normal_email(command.email));
  if (!id) return {ChangeUserResult::not_found, {}};
  User& user = rows.users.change(*id);
  if (command.password_hash) user.password_hash = *command.password_hash;
  if (command.role) user.role = *command.role;
  rows.records.emplace_back(CatalogueChanged{CatalogueChanged::What::user, id->value});
  return {ChangeUserResult::changed, user};
}

}  // namespace onsale::domain
