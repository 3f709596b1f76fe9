// Signing in with address and password, for every API that does.
#pragma once

#include <string>

#include "api/services.h"
#include "api/visits.h"

namespace onsale::api {

/// The user whose address and password these are, or none. An unknown address takes as long as a
/// wrong password. The problems are that the store cannot be read or too many want to sign in.
[[nodiscard]] Found<domain::User> genuine_user(Services& services, std::string email,
                                               std::string password);

/// An access token of the user, valid from now on.
[[nodiscard]] http::IssuedToken issue_token(const Services& services, const domain::User& user);

}  // namespace onsale::api
