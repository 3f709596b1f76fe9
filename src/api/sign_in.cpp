#include "api/sign_in.h"

#include "api/execute.h"
#include "domain/identity.h"
#include "http/password.h"

namespace onsale::api {
namespace {

http::Role role_of(domain::Role role) {
  switch (role) {
    case domain::Role::organiser:
      return http::Role::organiser;
    case domain::Role::staff:
      return http::Role::staff;
    case domain::Role::buyer:
      break;
  }
  return http::Role::buyer;
}

}  // namespace

Found<domain::User> genuine_user(Services& services, std::string email, std::string password) {
  const auto by_email = [email = domain::normal_email(std::move(email))](store::Reader& reader) {
    return reader.user_by_email(email);
  };
  auto found = co_await services.reads.run(by_email);
  if (!found) co_return std::unexpected(found.error());
  auto checking = [password = std::move(password), user = *found] {
    return user ? http::verify_password(password, user->password_hash)
                : http::verify_password_of_nobody(password);
  };
  const auto genuine = co_await services.hashing.run(checking);
  if (!genuine) co_return std::unexpected(http::overloaded());
  if (!*genuine) co_return std::nullopt;
  co_return std::move(*found);
}

http::IssuedToken issue_token(const Services& services, const domain::User& user) {
  return services.tokens.issue({user.id.value, role_of(user.role)}, services.engine.now());
}

}  // namespace onsale::api
