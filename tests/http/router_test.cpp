#include "http/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace onsale::http {

namespace room {
enum class Kind { seat, standing };
BOOST_DESCRIBE_ENUM(Kind, seat, standing)
struct Line {
  std::int64_t seat_id = 0;
  Kind kind = Kind::seat;
};
BOOST_DESCRIBE_STRUCT(Line, (), (seat_id, kind))
struct Hold {
  std::int64_t event_id = 0;
  std::vector<Line> lines;
  std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(Hold, (), (event_id, lines, note))
constexpr auto rules(const Hold*) {
  return rule_list(rule("event_id").min(1).doc("Which event."),
                   rule("lines").not_empty().max_items(4), rule("note").max_length(9));
}
struct Listing {
  std::optional<std::int64_t> limit;
};
BOOST_DESCRIBE_STRUCT(Listing, (), (limit))
constexpr auto rules(const Listing*) { return rule_list(rule("limit").min(1).max(50)); }
}  // namespace room

namespace {

using room::Hold;
using room::Listing;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr ProblemType kTaken{"seat-taken", 409, "The seat is taken"};

/// Answers like the server would, without one.
Response ask(const Router& router, verb method, std::string_view target, std::string body = "",
             std::vector<std::pair<std::string, std::string>> headers = {}) {
  Request request;
  request.method = method;
  request.target = target;
  for (const auto& [name, value] : headers) request.headers.insert(name, value);
  (void)router.accept(request);
  request.body = std::move(body);
  Answer answer = router.handle(request);
  if (auto* ready = std::get_if<Response>(&answer)) return std::move(*ready);
  asio::io_context context;
  auto result = asio::co_spawn(context, std::move(std::get<1>(answer)), asio::use_future);
  context.run();
  return result.get();
}

std::string show(const Response& response) {
  return std::to_string(response.status) + " " + std::string(response.body_view());
}

/// A handler that says its name and its parameters.
auto says(std::string name) {
  return [name](Request& request) {
    std::string text = name;
    for (const auto& value : request.path_values) text += " " + value;
    return Response::text(200, text);
  };
}

/// "Bearer <role>" is that role; anything else is nobody.
std::expected<Identity, Problem> authenticate(const Request& request) {
  const std::string_view given = request.header(field::authorization);
  const auto role = given.starts_with("Bearer ") ? role_from_string(given.substr(7)) : std::nullopt;
  if (!role) return std::unexpected(Problem(problems::kUnauthorized));
  return Identity{.user_id = 1, .role = *role};
}

class RouterTest : public testing::Test {
 protected:
  Metrics metrics_;
  Router router_{{.authenticator = authenticate, .metrics = &metrics_}};
};

TEST_F(RouterTest, LiteralsWinOverParametersWithBacktracking) {
  router_.add<void, Raw>({.path = "/v1/events/{id}"}, says("event"));
  router_.add<void, Raw>({.path = "/v1/events/latest"}, says("latest"));
  router_.add<void, Raw>({.path = "/v1/{area}/x"}, says("area"));
  router_.add<void, Raw>({.path = "/v1/events/{id}/seats/{seat_id}"}, says("seat"));
  router_.add<void, Raw>({.path = "/v1/visitors/{token}"}, says("visitor"));
  router_.add<void, Raw>({.path = "/"}, says("root"));
  const std::pair<std::string, std::string> cases[] = {
      {"/v1/events/7", "200 event 7"},
      {"/v1/events/latest", "200 latest"},
      {"/v1/events/l%61test", "200 latest"},
      {"/v1/events/x", "200 area events"},
      {"/v1/events/7/seats/9?x=1", "200 seat 7 9"},
      {"/v1/visitors/a%2Fb%20c", "200 visitor a/b c"},
      {"/v1/visitors/%C3%A9", "200 visitor é"},
      {"/", "200 root"},
      {"http://host:80/v1/events/7", "200 event 7"},
      {"http://host", "200 root"},
  };
  for (const auto& [target, answer] : cases) {
    EXPECT_EQ(show(ask(router_, verb::get, target)), answer) << target;
  }
  for (const auto* target : {"/v1/events/7/", "/v1/events/", "/v1/events/0", "/v1/events/-1",
                             "/v1/events/+1", "/v1/events/07", "/v1/events/9223372036854775808",
                             "/v1/events/1.0", "/v1/visitors/", "//", "/nothing"}) {
    EXPECT_EQ(ask(router_, verb::get, target).status, 404) << target;
  }
  for (const auto* target :
       {"/v1/visitors/%", "/v1/visitors/%4", "/v1/visitors/%zz", "/v1/visitors/%00",
        "/v1/visitors/%ff", "/v1/visitors/a?x=%", "*", "x"}) {
    EXPECT_EQ(ask(router_, verb::get, target).status, 400) << target;
  }
}

TEST_F(RouterTest, WrongMethodNamesTheRightOnes) {
  router_.add<void, Raw>({.path = "/things"}, says("list"));
  router_.add<void, Raw>({.method = verb::post, .path = "/things"}, says("make"));
  const Response wrong = ask(router_, verb::delete_, "/things");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_THAT(wrong.headers, ElementsAre(testing::Pair("Allow", "GET, HEAD, POST")));
  EXPECT_EQ(show(ask(router_, verb::head, "/things")), "200 list");
}

TEST_F(RouterTest, ProblemsAreRfc9457) {
  const Response missing = ask(router_, verb::get, "/no/where?x=1");
  EXPECT_EQ(missing.content_type, "application/problem+json");
  EXPECT_EQ(missing.body_view(),
            R"({"type":"/problems/not-found","title":"Not found","status":404,)"
            R"("instance":"/no/where"})");
  const Problem problem = Problem(kTaken, "Sorry")
                              .with("seat_ids", std::vector<std::int64_t>{1, 2})
                              .with("position", 3)
                              .with("mine", true)
                              .with("who", "x")
                              .with("nothing", nullptr);
  EXPECT_EQ(
      problem.to_json(""),
      R"({"type":"/problems/seat-taken","title":"The seat is taken","status":409,)"
      R"("detail":"Sorry","seat_ids":[1,2],"position":3,"mine":true,"who":"x","nothing":null})");
  const Problem busy = overloaded(std::chrono::milliseconds(1500));
  EXPECT_THAT(busy.to_json(""), HasSubstr(R"("retry_after":2)"));
  EXPECT_THAT(busy.headers(), ElementsAre(testing::Pair("Retry-After", "2")));
}

TEST_F(RouterTest, BindsBodies) {
  router_.add<Hold, Hold>({.method = verb::post, .path = "/holds", .status = 201},
                          [](Request&, Hold hold) -> asio::awaitable<Response> {
                            co_return Response::json(201, hold);
                          });
  const std::string good = R"({"event_id":1,"lines":[{"seat_id":2,"kind":"seat"}],"note":null})";
  EXPECT_EQ(show(ask(router_, verb::post, "/holds", good)), "201 " + good);
  EXPECT_EQ(ask(router_, verb::post, "/holds", "{").status, 400);
  EXPECT_EQ(ask(router_, verb::post, "/holds", "").status, 400);
  const Response invalid = ask(router_, verb::post, "/holds", R"({"event_id":0,"lines":[{}]})");
  EXPECT_EQ(invalid.status, 422);
  EXPECT_THAT(invalid.body_view(),
              HasSubstr(R"({"field":"lines[0].seat_id","message":"is required"})"));
  const auto with_type = [&](const char* type) {
    return ask(router_, verb::post, "/holds", good, {{"Content-Type", type}}).status;
  };
  EXPECT_EQ(with_type("Application/JSON; charset=utf-8"), 201);
  EXPECT_EQ(with_type("application/vnd.api+json"), 201);
  EXPECT_EQ(with_type("text/plain"), 415);
}

TEST_F(RouterTest, BindsQueriesOfGetRoutes) {
  router_.add<Listing, Raw>({.path = "/list"}, [](Request&, Listing listing) {
    return Response::text(200, std::to_string(listing.limit.value_or(-1)));
  });
  EXPECT_EQ(show(ask(router_, verb::get, "/list?limit=5")), "200 5");
  EXPECT_EQ(show(ask(router_, verb::get, "/list")), "200 -1");
  EXPECT_EQ(ask(router_, verb::get, "/list?limit=51").status, 422);
  EXPECT_EQ(ask(router_, verb::get, "/list?more=1").status, 422);
}

TEST_F(RouterTest, ChecksAccess) {
  const auto who = [](Request& request) {
    return Response::text(
        200, request.identity ? std::string(to_string(request.identity->role)) : "nobody");
  };
  router_.add<void, Raw>({.path = "/anyone"}, who);
  router_.add<void, Raw>({.path = "/user", .access = Access::user}, who);
  router_.add<void, Raw>({.path = "/staff", .access = Access::staff}, who);
  router_.add<void, Raw>({.path = "/organiser", .access = Access::organiser}, who);
  const auto status = [&](const char* path, std::string token) {
    return ask(router_, verb::get, path, "", {{"Authorization", "Bearer " + token}}).status;
  };
  EXPECT_EQ(show(ask(router_, verb::get, "/anyone")), "200 nobody");
  EXPECT_EQ(status("/anyone", "garbage"), 200);
  EXPECT_EQ(status("/user", "garbage"), 401);
  EXPECT_EQ(ask(router_, verb::get, "/user").status, 401);
  EXPECT_EQ(status("/user", "buyer"), 200);
  EXPECT_EQ(status("/staff", "buyer"), 403);
  EXPECT_EQ(status("/staff", "staff"), 200);
  EXPECT_EQ(status("/staff", "organiser"), 200);
  EXPECT_EQ(status("/organiser", "staff"), 403);
  EXPECT_EQ(status("/organiser", "organiser"), 200);
}

TEST_F(RouterTest, ExceptionsBecomeA500WithoutTheirText) {
  router_.add<void, Raw>({.path = "/now"},
                         [](Request&) -> Response { throw std::runtime_error("secret"); });
  router_.add<void, Raw>({.path = "/later"}, [](Request&) -> asio::awaitable<Response> {
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    throw 7;
  });
  for (const auto* path : {"/now", "/later"}) {
    const Response response = ask(router_, verb::get, path);
    EXPECT_EQ(response.status, 500);
    EXPECT_THAT(response.body_view(), HasSubstr("request_id"));
    EXPECT_THAT(response.body_view(), testing::Not(HasSubstr("secret")));
  }
}

TEST_F(RouterTest, AGroupHasItsOwnErrorsAndAuthentication) {
  auto& group =
      router_.group({.prefix = "/compat/x",
                     .errors =
                         [](const Request&, const Problem& problem) {
                           return Response::text(problem.status() == 422 ? 400 : problem.status(),
                                                 "error: " + std::string(problem.type().slug));
                         },
                     .authenticator = [](const Request&) -> std::expected<Identity, Problem> {
                       return Identity{.user_id = 5, .role = Role::organiser};
                     },
                     .unknown = Unknown::ignore});
  group.add<Hold, Raw>({.method = verb::post, .path = "/holds", .access = Access::organiser},
                       [](Request& request, Hold) {
                         return Response::text(200, std::to_string(request.who().user_id));
                       });
  EXPECT_EQ(show(ask(router_, verb::post, "/compat/x/holds", "{}")), "400 error: invalid-request");
  EXPECT_EQ(show(ask(router_, verb::post, "/compat/x/holds",
                     R"({"event_id":1,"lines":[{"seat_id":1,"kind":"seat"}],"extra":1})")),
            "200 5");
  EXPECT_EQ(show(ask(router_, verb::get, "/compat/x/holds")), "405 error: method-not-allowed");
  EXPECT_EQ(show(ask(router_, verb::get, "/compat/x/no")), "404 error: not-found");
  EXPECT_THAT(show(ask(router_, verb::get, "/compat/xy")), HasSubstr("/problems/not-found"));
}

/// `{"error":"<slug> <status>"}`, with the status of the problem or 400 for 422.
Response in_few_words(const Request&, const Problem& problem) {
  const int status = problem.status() == 422 ? 400 : problem.status();
  Response response{.status = status,
                    .content_type = "application/json",
                    .body = R"({"error":")" + std::string(problem.type().slug) + R"("})"};
  for (const auto& header : problem.headers()) response.headers.push_back(header);
  return response;
}

TEST(RouterGroups, PathsOfSeveralGroupsLieWithinEachOther) {
  Router router;
  RouteGroup& queues = router.group({.below = {"/api/queue"}, .errors = in_few_words});
  RouteGroup& others = router.group({.prefix = "/api"});
  const auto say = [](std::string word) {
    return [word](Request& request) { return Response::text(200, word + request.path_values[0]); };
  };
  queues.add<void, Raw>({.path = "/api/queue/{user}"}, say("queue of "));
  others.add<void, Raw>({.path = "/{user}/balance"}, say("balance of "));
  EXPECT_EQ(ask(router, verb::get, "/api/queue/7").body_view(), "queue of 7");
  EXPECT_EQ(ask(router, verb::get, "/api/7/balance").body_view(), "balance of 7");
  EXPECT_EQ(ask(router, verb::get, "/api/queue/balance").body_view(), "queue of balance");
  // What is wrong is said by the group that the path belongs to.
  EXPECT_EQ(ask(router, verb::get, "/api/queue/7/8").body_view(), R"({"error":"not-found"})");
  EXPECT_EQ(ask(router, verb::get, "/api/queue").body_view(), R"({"error":"not-found"})");
  EXPECT_EQ(ask(router, verb::get, "/api/queued").content_type, "application/problem+json");
  EXPECT_EQ(ask(router, verb::get, "/api/7").content_type, "application/problem+json");
  const Response wrong_method = ask(router, verb::delete_, "/api/queue/balance");
  EXPECT_EQ(wrong_method.status, 405);
  EXPECT_EQ(wrong_method.body_view(), R"({"error":"method-not-allowed"})");
  EXPECT_EQ(ask(router, verb::post, "/api/7/balance").content_type, "application/problem+json");
}

TEST(RouterGroups, ParametersNamedAsIdsMayBeTexts) {
  Router router;
  RouteGroup& group = router.group({.errors = in_few_words, .ids_are_numbers = false});
  group.add<void, Raw>({.path = "/seats/{seat_id}"}, [](Request& request) {
    return Response::text(200, request.path_text("seat_id"));
  });
  EXPECT_EQ(ask(router, verb::get, "/seats/x1").body_view(), "x1");
}

TEST(RouterGroups, AreDocumentedInTheirOwnErrorForm) {
  Router router;
  RouteGroup& group = router.group({.errors = in_few_words, .error_schema = &schema_of<Listing>});
  group.add<Hold, Hold>({.method = verb::post,
                         .path = "/holds/{room}",
                         .problems = {&kTaken},
                         .path_parameters = {{.name = "room", .type = "integer", .example = "7"}},
                         .other_replies = {{.status = 202,
                                            .description = "Later",
                                            .schema = &schema_of<Listing>,
                                            .example = R"({"limit":1})"}},
                         .request_example = R"({"event_id":1,"lines":[]})",
                         .reply_example = R"({"event_id":2,"lines":[]})"},
                        [](Request&, Hold hold) { return Response::json(200, hold); });
  const auto document = boost::json::value(openapi(router, {}));
  const auto text = [&](const char* pointer) {
    return boost::json::serialize(document.at_pointer(pointer));
  };
  const std::string at = "/paths/~1holds~1{room}/post";
  const std::string json = "/content/application~1json";
  EXPECT_EQ(text((at + "/parameters/0/schema").c_str()), R"({"type":"integer"})");
  EXPECT_EQ(text((at + "/requestBody" + json + "/example").c_str()),
            R"({"event_id":1,"lines":[]})");
  EXPECT_EQ(text((at + "/responses/200" + json + "/example").c_str()),
            R"({"event_id":2,"lines":[]})");
  EXPECT_EQ(text((at + "/responses/202" + json + "/example").c_str()), R"({"limit":1})");
  EXPECT_EQ(text((at + "/responses/409" + json + "/example").c_str()), R"({"error":"seat-taken"})");
  EXPECT_EQ(text((at + "/responses/409" + json + "/schema").c_str()),
            R"({"$ref":"#/components/schemas/Listing"})");
  // A status is what the writer makes of a problem.
  EXPECT_EQ(text((at + "/responses/400/description").c_str()),
            "\"" + std::string(problems::kMalformedJson.title) + "\"");
  EXPECT_FALSE(document.at_pointer(at + "/responses").as_object().contains("422"));
  EXPECT_EQ(std::ranges::count(router.problem_types(), &kTaken), 0);
}

TEST_F(RouterTest, ChecksTheFormOfIdempotencyKeys) {
  router_.add<void, Raw>({.method = verb::post, .path = "/pay", .idempotent = true}, says("paid"));
  const auto status = [&](std::string key) {
    return ask(router_, verb::post, "/pay", "", {{"idempotency-key", key}}).status;
  };
  EXPECT_EQ(status("abc"), 200);
  EXPECT_EQ(status(std::string(255, 'x')), 200);
  EXPECT_EQ(status(std::string(256, 'x')), 422);
  EXPECT_EQ(status("a b"), 422);
  EXPECT_EQ(status(""), 422);
}

TEST_F(RouterTest, RefusesABadTable) {
  router_.add<void, Raw>({.path = "/a/{id}"}, says(""));
  EXPECT_THROW((router_.add<void, Raw>({.path = "/a/{other_id}"}, says(""))), std::logic_error);
  EXPECT_THROW((router_.add<void, Raw>({.path = "a"}, says(""))), std::logic_error);
  EXPECT_THROW((router_.add<void, Raw>({.path = "/a{b"}, says(""))), std::logic_error);
}

TEST_F(RouterTest, CountsByRouteAndStatus) {
  router_.add<void, Raw>({.path = "/a/{id}"}, says("a"));
  (void)ask(router_, verb::get, "/a/1");
  (void)ask(router_, verb::get, "/a/2");
  (void)ask(router_, verb::get, "/b");
  const std::string text = metrics_.serialize();
  EXPECT_THAT(
      text,
      HasSubstr(R"(onsale_http_requests_total{method="GET",route="/a/{id}",status="2xx"} 2)"));
  EXPECT_THAT(
      text,
      HasSubstr(R"(onsale_http_requests_total{method="any",route="unmatched",status="4xx"} 1)"));
  EXPECT_THAT(text,
              HasSubstr(R"(onsale_http_request_seconds_count{method="GET",route="/a/{id}"} 2)"));
}

TEST_F(RouterTest, DescribesItself) {
  router_.add<Hold, Hold>({.method = verb::post,
                           .path = "/holds/{id}",
                           .summary = "Hold seats",
                           .tag = "holds",
                           .access = Access::user,
                           .status = 201,
                           .problems = {&kTaken},
                           .idempotent = true},
                          [](Request&, Hold hold) { return Response::json(201, hold); });
  router_.add<Listing, Raw>({.path = "/list", .reply_content = "text/csv"},
                            [](Request&, Listing) { return Response::no_content(); });
  const auto document = openapi(router_, {.title = "T", .version = "1"});
  const boost::json::value value(document);
  EXPECT_EQ(value.at("openapi"), "3.1.0");
  const auto& post = value.at_pointer("/paths/~1holds~1{id}/post");
  EXPECT_EQ(post.at("operationId"), "post_holds_id");
  EXPECT_EQ(post.at_pointer("/security/0/bearer"), boost::json::array());
  EXPECT_EQ(post.at_pointer("/requestBody/content/application~1json/schema/$ref"),
            "#/components/schemas/Hold");
  EXPECT_EQ(post.at_pointer("/responses/201/content/application~1json/schema/$ref"),
            "#/components/schemas/Hold");
  EXPECT_EQ(post.at_pointer("/responses/409/description"), "`seat-taken`: The seat is taken");
  EXPECT_EQ(post.at_pointer("/parameters/0/schema/type"), "integer");
  EXPECT_EQ(post.at_pointer("/parameters/1/name"), "Idempotency-Key");
  const auto& hold = value.at_pointer("/components/schemas/Hold");
  EXPECT_EQ(boost::json::serialize(hold.at("required")), R"(["event_id","lines"])");
  EXPECT_EQ(hold.at_pointer("/properties/event_id/minimum"), 1);
  EXPECT_EQ(hold.at_pointer("/properties/event_id/description"), "Which event.");
  EXPECT_EQ(hold.at_pointer("/properties/lines/maxItems"), 4);
  EXPECT_EQ(hold.at_pointer("/properties/lines/items/$ref"), "#/components/schemas/Line");
  EXPECT_EQ(boost::json::serialize(hold.at_pointer("/properties/note")),
            R"({"type":["string","null"],"maxLength":9})");
  EXPECT_EQ(boost::json::serialize(value.at_pointer("/components/schemas/Kind")),
            R"({"type":"string","enum":["seat","standing"]})");
  EXPECT_EQ(value.at_pointer("/paths/~1list/get/parameters/0/schema/maximum"), 50);
  EXPECT_EQ(boost::json::serialize(document),
            boost::json::serialize(openapi(router_, {.title = "T", .version = "1"})));
}

TEST(RequestTest, ComparesEtagsAndEncodings) {
  Request request;
  request.headers.set("If-None-Match", "W/\"a\", \"b\"");
  EXPECT_TRUE(request.matches_etag("\"a\""));
  EXPECT_TRUE(request.matches_etag("\"b\""));
  EXPECT_FALSE(request.matches_etag("\"c\""));
  request.headers.set("Accept-Encoding", "br;q=1.0, gzip;q=0, *;q=0.1");
  EXPECT_TRUE(request.accepts_encoding("br"));
  EXPECT_FALSE(request.accepts_encoding("gzip"));
  EXPECT_TRUE(request.accepts_encoding("zstd"));
}

TEST(RequestTest, ReadsTraceContext) {
  Request request;
  const std::string good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  request.headers.set("traceparent", good);
  EXPECT_EQ(request.traceparent(), good);
  EXPECT_EQ(request.id(), "4bf92f3577b34da6a3ce929d0e0e4736");
  request.headers.set("traceparent", "00-00000000000000000000000000000000-00f067aa0ba902b7-01");
  EXPECT_EQ(request.traceparent(), "");
  EXPECT_EQ(request.id().size(), 32U);
}

}  // namespace
}  // namespace onsale::http
