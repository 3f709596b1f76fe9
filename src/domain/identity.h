// People: who may sign in and what they may do. Password hashes come in ready-made, since
// hashing is slow and needs randomness; nothing here ever sees a password.
#pragma once

#include <string>

#include "domain/footprint.h"
#include "domain/policy.h"
#include "domain/rows.h"

namespace onsale::domain {

/// The form in which addresses are stored and compared: ASCII letters in lower case.
[[nodiscard]] std::string normal_email(std::string email);

/// A new user with an empty wallet.
struct CreateUser {
  std::string email;  ///< as given; stored in normal form. Texts: see domain/text.h
  std::string name;
  std::string password_hash;
  Role role = Role::buyer;
};

enum class CreateUserResult { email_taken, created };

struct CreateUserOutcome {
  CreateUserResult result = CreateUserResult::created;
  User user;  ///< when `created`

  [[nodiscard]] bool executed() const { return result == CreateUserResult::created; }
};

void footprint(const CreateUser& command, const Policy& policy, Footprint& need);
CreateUserOutcome decide(Rows& rows, const CreateUser& command, Timestamp now, const Policy&);

/// Changes what is given of the user with this address.
struct ChangeUser {
  std::string email;
  std::optional<std::string> password_hash;
  std::optional<Role> role;
};

enum class ChangeUserResult { not_found, changed };

struct ChangeUserOutcome {
  ChangeUserResult result = ChangeUserResult::changed;
  User user;  ///< as it is now, when `changed`

  [[nodiscard]] bool executed() const { return result == ChangeUserResult::changed; }
};

void footprint(const ChangeUser& command, const Policy& policy, Footprint& need);
ChangeUserOutcome decide(Rows& rows, const ChangeUser& command, Timestamp now, const Policy&);

}  // namespace onsale::domain
