#include "http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <mutex>

#include "http/router.h"
#include "tests/http/client.h"

namespace onsale::http {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string get(std::string_view path, std::string_view more = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) + "\r\n";
}

std::string post(std::string_view path, std::string_view body, std::string_view more = "") {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(more) + "\r\n" + std::string(body);
}

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    router_.add<void, Raw>({.path = "/n/{number}"}, [](Request& request) {
      return Response::text(200, request.path_text("number"));
    });
    router_.add<void, Raw>({.path = "/later/{number}"},
                           [](Request& request) -> asio::awaitable<Response> {
                             co_await asio::post(asio::use_awaitable);
                             co_return Response::text(200, request.path_text("number"));
                           });
    router_.add<Raw, Raw>(
        {.method = verb::post, .path = "/echo", .body_max = 1000},
        [](Request& request) { return Response::text(200, std::move(request.body)); });
    router_.add<void, Raw>({.path = "/empty"}, [](Request&) { return Response::no_content(); });
    router_.add<void, Raw>({.path = "/big"}, [this](Request&) {
      return Response::shared(200, "text/plain", big_).with("ETag", "\"1\"");
    });
    router_.add<void, Raw>({.path = "/inject"}, [](Request&) {
      return Response::text(200, "").with("X-Name", "a\r\nSet-Cookie: b");
    });
    router_.add<void, Raw>({.path = "/gate"}, [this](Request&) -> asio::awaitable<Response> {
      ++waiting_;
      asio::steady_timer timer(co_await asio::this_coro::executor);
      while (!open_) {
        timer.expires_after(1ms);
        co_await timer.async_wait(asio::use_awaitable);
      }
      co_return Response::text(200, "through");
    });
  }

  std::uint16_t start(ServerConfig config = {}) {
    config.port = 0;
    server_.emplace(config, router_, &metrics_);
    return server_->start();
  }

  /// The whole conversation of a client that sends `bytes` and reads until the end.
  std::string talk(std::uint16_t port, std::string_view bytes) {
    Client client(port);
    client.send(bytes);
    return client.read_all();
  }

  SharedBody big_ = std::make_shared<const std::string>(8'000'000, 'x');
  std::atomic<int> waiting_ = 0;
  std::atomic<bool> open_ = false;
  Metrics metrics_;
  Router router_{{.metrics = &metrics_}};
  std::optional<Server> server_;
};

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
  Client client(start());
  for (int i = 0; i < 3; ++i) {
    client.send(get("/n/" + std::to_string(i)));
    const std::string answer = client.read_answer();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nDate: "));
    EXPECT_THAT(answer, HasSubstr("\r\nServer: onsale\r\n"));
    EXPECT_THAT(answer, Not(HasSubstr("Connection:")));
    EXPECT_THAT(answer, EndsWith("\r\n\r\n" + std::to_string(i)));
  }
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  Client client(start());
  std::string all;
  for (int i = 0; i < 100; ++i) {
    all += get((i % 7 == 3 ? "/later/" : "/n/") + std::to_string(i));
  }
  client.send(all);
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(client.read_answer(), EndsWith("\r\n\r\n" + std::to_string(i)));
  }
}

TEST_F(ServerTest, TakesBytesOneByOne) {
  Client client(start());
  for (const char byte : "\r\n" + post("/echo", "hello") + get("/n/5")) {
    client.send({&byte, 1});
  }
  EXPECT_THAT(client.read_answer(), EndsWith("\r\n\r\nhello"));
  EXPECT_THAT(client.read_answer(), EndsWith("\r\n\r\n5"));
}

TEST_F(ServerTest, SpeaksHttp10) {
  const auto port = start();
  const std::string closed = talk(port, "GET /n/1 HTTP/1.0\r\n\r\n");
  EXPECT_THAT(closed, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(closed, EndsWith("\r\n\r\n1"));
  Client client(port);
  client.send("GET /n/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(client.read_answer(), HasSubstr("Connection: keep-alive\r\n"));
  client.send("GET /n/2 HTTP/1.0\r\n\r\n");
  EXPECT_THAT(client.read_all(), EndsWith("\r\n\r\n2"));
}

TEST_F(ServerTest, ReadsChunkedBodiesAndIgnoresTrailers) {
  Client client(start());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n6;a=b\r\n world\r\n0\r\ntraceparent: "
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n" +
      get("/n/1"));
  const std::string answer = client.read_answer();
  EXPECT_THAT(answer, EndsWith("\r\n\r\nhello world"));
  EXPECT_THAT(answer, Not(HasSubstr("traceparent")));
  EXPECT_THAT(client.read_answer(), EndsWith("\r\n\r\n1"));
}

TEST_F(ServerTest, InvitesABodyThatIsAnnounced) {
  Client client(start());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hi");
  EXPECT_THAT(client.read_answer(), EndsWith("\r\n\r\nhi"));
  client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 413 "));
}

TEST_F(ServerTest, HeadAndEmptyAnswersHaveNoBody) {
  Client client(start());
  client.send("HEAD /n/12345 HTTP/1.1\r\nHost: x\r\n\r\n" + get("/empty") + get("/n/1"));
  const auto three =
      client.read_until([](const std::string& text) { return text.ends_with("\n1"); });
  EXPECT_THAT(three, HasSubstr("Content-Length: 5\r\n\r\nHTTP/1.1 204 No Content\r\n"));
  EXPECT_THAT(three, Not(HasSubstr("Content-Length: 0")));
}

TEST_F(ServerTest, SendsALargeSharedBody) {
  Client client(start());
  client.send(get("/big") + get("/n/1"));
  const std::string answer = client.read_answer();
  EXPECT_THAT(answer.substr(0, 300), HasSubstr("ETag: \"1\"\r\n"));
  EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, big_->size());
  EXPECT_THAT(client.read_answer(), EndsWith("\r\n\r\n1"));
}

TEST_F(ServerTest, EchoesTheTraceAndKeepsHeadersOnTheirLine) {
  Client client(start());
  const std::string trace =
      "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n";
  client.send(get("/n/1", trace));
  EXPECT_THAT(client.read_answer(), HasSubstr(trace));
  client.send(get("/inject"));
  EXPECT_THAT(client.read_answer(), HasSubstr("X-Name: a  Set-Cookie: b\r\n"));
}

TEST_F(ServerTest, RefusesWhatIsNotSoundHttp) {
  const auto port = start();
  const std::string requests[] = {
      "nonsense\r\n\r\n",
      "GET / HTTP/3.0\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),  // TLS on the wrong port
      "GET /n/1 HTTP/1.1\r\n\r\n",                                      // no Host
      "GET /n/1 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET /n/1 HTTP/1.1\r\nHost : a\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
      "0\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\nGET / HTTP/1.1\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
  };
  for (const auto& request : requests) {
    const std::string answer = talk(port, request);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 Bad Request\r\n")) << request;
    EXPECT_THAT(answer, HasSubstr("application/problem+json")) << request;
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n")) << request;
  }
}

TEST_F(ServerTest, RefusesTooLargeHeadersAndBodies) {
  const auto port = start();
  const std::string huge(20'000, 'a');
  EXPECT_THAT(talk(port, "GET /" + huge + " HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(talk(port, get("/n/1", "X: " + huge + "\r\n")), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(
      talk(port, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;" + huge),
      StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(talk(port, post("/echo", std::string(1001, 'b'))), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(talk(port, post("/echo", std::string(3'000'000, 'b'))), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(
      talk(port, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551615\r\n\r\n"),
      StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(
      talk(port, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n"),
      StartsWith("HTTP/1.1 413 "));
  Client client(port);
  client.send(post("/echo", std::string(1000, 'b')));
  EXPECT_THAT(client.read_answer(), EndsWith(std::string(1000, 'b')));
}

TEST_F(ServerTest, GivesUpOnSlowClients) {
  const auto port = start(
      {.idle_timeout = 40ms, .header_timeout = 40ms, .body_timeout = 40ms, .linger_timeout = 40ms});
  EXPECT_EQ(talk(port, ""), "");
  EXPECT_THAT(talk(port, "GET /n/1 HT"), StartsWith("HTTP/1.1 408 "));
  EXPECT_THAT(talk(port, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabc"),
              StartsWith("HTTP/1.1 408 "));
  EXPECT_TRUE(eventually([&] { return server_->open_connections() == 0; }));
}

TEST_F(ServerTest, GivesUpOnAClientThatStopsReading) {
  const auto port = start({.write_timeout = 40ms, .linger_timeout = 40ms});
  Client stuck(port);
  stuck.send(get("/big"));
  EXPECT_TRUE(eventually([&] { return server_->open_connections() == 1; }));
  EXPECT_TRUE(eventually([&] { return server_->open_connections() == 0; }));
}

TEST_F(ServerTest, AnswersAClientThatHasHalfClosed) {
  const auto port = start();
  Client client(port);
  client.send(get("/n/1") + get("/later/2"));
  client.half_close();
  EXPECT_THAT(client.read_answer(), EndsWith("\r\n\r\n1"));
  EXPECT_THAT(client.read_answer(), EndsWith("\r\n\r\n2"));
  EXPECT_TRUE(client.sees_end());
  Client cut(port);
  cut.send("GET /n/1 HTT");
  cut.half_close();
  EXPECT_THAT(cut.read_all(), StartsWith("HTTP/1.1 400 "));
}

TEST_F(ServerTest, OutlivesClientsThatReset) {
  const auto port = start({.threads = 2});
  for (int i = 0; i < 50; ++i) {
    Client client(port);
    client.send(i % 2 == 0 ? get("/big") : "GET /n/");
    client.reset();
  }
  EXPECT_TRUE(eventually([&] { return server_->open_connections() == 0; }));
  Client client(port);
  client.send(get("/n/1"));
  EXPECT_THAT(client.read_answer(), EndsWith("\r\n\r\n1"));
}

TEST_F(ServerTest, OneThatWaitsHarmsNobodyElse) {
  const auto port = start();
  Client waiting(port);
  waiting.send(get("/gate"));
  Client other(port);
  other.send(get("/n/1"));
  EXPECT_THAT(other.read_answer(), EndsWith("\r\n\r\n1"));
  open_ = true;
  EXPECT_THAT(waiting.read_answer(), EndsWith("\r\n\r\nthrough"));
}

TEST_F(ServerTest, RefusesConnectionsBeyondTheLimit) {
  const auto port = start({.connections_max = 2, .linger_timeout = 40ms});
  Client first(port);
  Client second(port);
  first.send(get("/n/1"));
  second.send(get("/n/2"));
  (void)first.read_answer();
  (void)second.read_answer();
  const std::string refused = talk(port, get("/n/3"));
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(refused, HasSubstr("Retry-After: 1\r\n"));
  EXPECT_THAT(refused, HasSubstr("/problems/overloaded"));
  second.close();
  EXPECT_TRUE(eventually([&] { return server_->open_connections() == 1; }));
  Client third(port);
  third.send(get("/n/3"));
  EXPECT_THAT(third.read_answer(), EndsWith("\r\n\r\n3"));
}

TEST_F(ServerTest, DrainAnswersWhatIsUnderWay) {
  const auto port = start({.threads = 2});
  Client idle(port);
  idle.send(get("/n/1"));
  (void)idle.read_answer();
  Client busy(port);
  busy.send(get("/gate") + get("/n/2"));
  ASSERT_TRUE(eventually([&] { return waiting_ == 1; }));
  auto drained = std::async(std::launch::async, [&] { return server_->drain(kPatience); });
  EXPECT_TRUE(idle.sees_end());
  EXPECT_EQ(drained.wait_for(0s), std::future_status::timeout);
  open_ = true;
  EXPECT_THAT(busy.read_answer(), EndsWith("\r\n\r\nthrough"));
  const std::string last = busy.read_all();
  EXPECT_THAT(last, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(last, EndsWith("\r\n\r\n2"));
  busy.close();
  EXPECT_TRUE(drained.get());
  EXPECT_TRUE(server_->drain(0ms));
  EXPECT_EQ(server_->open_connections(), 0U);
}

TEST_F(ServerTest, DrainCutsOffAtTheDeadline) {
  Client busy(start());
  busy.send(get("/gate"));
  ASSERT_TRUE(eventually([&] { return waiting_ == 1; }));
  std::thread opener([&] {
    EXPECT_TRUE(busy.sees_end());
    open_ = true;  // so that the handler ends and nothing is left behind
  });
  EXPECT_FALSE(server_->drain(10ms));
  EXPECT_FALSE(server_->drain(10ms));
  opener.join();
}

TEST_F(ServerTest, DestructionAloneDrains) {
  Client client(start());
  client.send(get("/n/1"));
  (void)client.read_answer();
  server_.reset();
  EXPECT_TRUE(client.sees_end());
}

TEST_F(ServerTest, SpreadsConnectionsAndCountsThem) {
  const auto port = start({.threads = 3});
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 9; ++i) {
    clients.push_back(std::make_unique<Client>(port));
    clients.back()->send(get("/n/1"));
    (void)clients.back()->read_answer();
  }
  EXPECT_EQ(server_->open_connections(), 9U);
  EXPECT_THAT(metrics_.serialize(), HasSubstr("onsale_http_open_connections 9"));
  clients.clear();
  EXPECT_TRUE(eventually([&] { return server_->open_connections() == 0; }));
  EXPECT_THAT(metrics_.serialize(), HasSubstr("onsale_http_open_connections 0"));
}

TEST_F(ServerTest, ChecksItsConfiguration) {
  EXPECT_THROW(Server({.threads = 0}, router_), std::invalid_argument);
  EXPECT_THROW(Server({.header_bytes_max = 1}, router_), std::invalid_argument);
  EXPECT_THROW(Server({.idle_timeout = 0ms}, router_), std::invalid_argument);
  Server nowhere({.address = "not.an.address"}, router_);
  EXPECT_THROW(nowhere.start(), std::system_error);
  const auto port = start();
  Server second({.port = port}, router_);
  EXPECT_THROW(second.start(), std::system_error);
}

}  // namespace
}  // namespace onsale::http
