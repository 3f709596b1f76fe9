// Signing up and in. Hashing takes tens of milliseconds and runs on its own pool.
#include "domain/identity.h"

#include "api/execute.h"
#include "api/problems.h"
#include "api/sign_in.h"
#include "api/v1/bodies.h"
#include "api/v1/routes.h"
#include "http/password.h"

namespace onsale::api::v1 {
namespace {

using http::Access;
using http::Request;
using http::Response;
using http::verb;

asio::awaitable<Response> sign_up(Services& services, const Request& request, SignUp body) {
  auto hashing = [password = std::move(body.password)] { return http::hash_password(password); };
  auto hash = co_await services.hashing.run(hashing);
  if (!hash) co_return Response::problem(request, http::overloaded());
  const domain::CreateUser command{.email = std::move(body.email),
                                   .name = std::move(body.name),
                                   .password_hash = std::move(*hash)};
  co_return co_await execute(services, request, command,
                             [](const domain::CreateUserOutcome& outcome) -> Worded {
                               if (outcome.result == domain::CreateUserResult::email_taken) {
                                 return std::unexpected(http::Problem(problems::email_taken));
                               }
                               return Response::json(201, body_of(outcome.user));
                             });
}

asio::awaitable<Response> sign_in(Services& services, const Request& request, SignIn body) {
  const auto user =
      co_await genuine_user(services, std::move(body.email), std::move(body.password));
  if (!user) co_return Response::problem(request, user.error());
  if (!*user) {
    co_return Response::problem(
        request, http::Problem(http::problems::kUnauthorized, "Unknown address or wrong password.")
                     .with_header("WWW-Authenticate", "Bearer"));
  }
  auto issued = issue_token(services, **user);
  co_return Response::json(201, SessionBody{.access_token = std::move(issued.token),
                                            .expires_at = issued.expires_at,
                                            .user = body_of(**user)})
      .with("Cache-Control", "no-store");
}

asio::awaitable<Response> me(Services& services, const Request& request) {
  const auto found = co_await services.reads.run(
      [id = request.who().user_id](store::Reader& reader) { return reader.user({id}); });
  if (!found) co_return Response::problem(request, found.error());
  if (!*found) co_return Response::problem(request, http::Problem(http::problems::kUnauthorized));
  co_return Response::json(200, body_of(**found));
}

}  // namespace

void add_identity_routes(http::RouteGroup& v1, Services& services) {
  v1.add<SignUp, UserBody>(
      {.method = verb::post,
       .path = "/users",
       .summary = "Sign up",
       .tag = "identity",
       .status = 201,
       .problems = {&problems::email_taken}},
      [&](Request& request, SignUp body) { return sign_up(services, request, std::move(body)); });
  v1.add<SignIn, SessionBody>(
      {.method = verb::post,
       .path = "/sessions",
       .summary = "Sign in and get an access token",
       .tag = "identity",
       .status = 201,
       .problems = {&http::problems::kUnauthorized}},
      [&](Request& request, SignIn body) { return sign_in(services, request, std::move(body)); });
  v1.add<void, UserBody>(
      {.path = "/me", .summary = "Who am I", .tag = "identity", .access = Access::user},
      [&](Request& request) { return me(services, request); });
}

}  // namespace onsale::api::v1
