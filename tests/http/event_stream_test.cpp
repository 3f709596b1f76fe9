#include "http/event_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <future>
#include <mutex>

#include "http/router.h"
#include "http/server.h"
#include "tests/http/client.h"

namespace onsale::http {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(EventTest, IsWordedAsTheStandardSays) {
  EXPECT_EQ(*Event("7", "visitor", R"({"a":1})").text(),
            "id: 7\nevent: visitor\ndata: {\"a\":1}\n\n");
  EXPECT_EQ(*Event("", "", "").text(), "data: \n\n");
  EXPECT_EQ(*Event("", "", "one\ntwo\r\nthree\rfour").text(),
            "data: one\ndata: two\ndata: three\ndata: four\n\n");
}

TEST(EventTest, NothingBreaksOutOfItsField) {
  EXPECT_EQ(*Event("1\ndata: x", "a\r\nid: 2", "y").text(),
            "id: 1 data: x\nevent: a  id: 2\ndata: y\n\n");
  EXPECT_EQ(*Event(std::string_view("1\0", 2), "", "y").text(), "id: 1 \ndata: y\n\n");
}

TEST(EventTest, CopiesShareTheText) {
  const Event event("1", "seats", "x");
  const Event copy = event;  // NOLINT(performance-unnecessary-copy-initialization)
  EXPECT_EQ(copy.text().get(), event.text().get());
}

/// What all streams of a test tell: each begins at the first event.
struct Script {
  std::mutex mutex;
  std::deque<Event> events;
  std::atomic<bool> over = false;
  std::atomic<bool> broken = false;
  std::atomic<int> looks = 0;
  std::atomic<int> told = 0;  // events, over all streams
  std::atomic<int> heard = 0;
  std::atomic<int> sources = 0;

  void tell(std::string_view id, std::string_view data) {
    const std::lock_guard lock(mutex);
    events.emplace_back(id, "", data);
  }
};

class ScriptedSource final : public EventSource {
 public:
  explicit ScriptedSource(Script& script) : script_(script) { ++script_.sources; }
  ~ScriptedSource() override { --script_.sources; }

  std::optional<Event> next() override {
    ++script_.looks;
    if (script_.broken) throw std::runtime_error("broken");
    const std::lock_guard lock(script_.mutex);
    if (told_ == script_.events.size()) return std::nullopt;
    ++script_.told;
    return script_.events[told_++];
  }
  [[nodiscard]] bool over() const override {
    const std::lock_guard lock(script_.mutex);
    return script_.over && told_ == script_.events.size();
  }
  void heard() override { ++script_.heard; }

 private:
  Script& script_;
  std::size_t told_ = 0;
};

class EventStreamTest : public testing::Test {
 protected:
  EventStreamTest() {
    router_.add<void, Raw>({.path = "/events"}, [this](Request&) {
      return Response::events(std::make_unique<ScriptedSource>(script_), options_);
    });
    router_.add<void, Raw>({.path = "/n"}, [](Request&) { return Response::text(200, "n"); });
  }

  std::uint16_t start(ServerConfig config = {}) {
    config.port = 0;
    server_.emplace(config, router_, &metrics_);
    return server_->start();
  }

  static std::string get(std::string_view path, std::string_view method = "GET") {
    return std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }

  /// A client whose stream is open: it has read the header.
  std::unique_ptr<Client> listen(std::uint16_t port) {
    auto client = std::make_unique<Client>(port);
    client->send(get("/events"));
    EXPECT_THAT(client->read_answer(), StartsWith("HTTP/1.1 200 OK\r\n"));
    return client;
  }

  std::vector<std::unique_ptr<Client>> listen_all(std::uint16_t port, int count) {
    std::vector<std::unique_ptr<Client>> clients(static_cast<std::size_t>(count));
    for (auto& client : clients) client = listen(port);
    EXPECT_TRUE(eventually([&] { return open(count); }));
    return clients;
  }

  [[nodiscard]] bool open(int streams) {
    const std::string line = "\nonsale_http_streams_open " + std::to_string(streams) + "\n";
    return metrics_.serialize().find(line) != std::string::npos;
  }

  /// Reads until the text ends so.
  static std::string read_to(Client& client, std::string_view end) {
    return client.read_until([end](const std::string& text) { return text.ends_with(end); });
  }

  Script script_;
  EventStreamOptions options_{.interval = 10ms, .heartbeat = 1h, .retry = 2s};
  Metrics metrics_;
  Router router_{{.metrics = &metrics_}};
  std::optional<Server> server_;
};

TEST_F(EventStreamTest, SendsEventsAsTheyCome) {
  Client client(start());
  client.send(get("/events"));
  const std::string head = client.read_answer();
  EXPECT_THAT(head, StartsWith("HTTP/1.1 200 OK\r\n"));
  for (const char* field :
       {"Content-Type: text/event-stream\r\n", "Cache-Control: no-store\r\n",
        "X-Accel-Buffering: no\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n"}) {
    EXPECT_THAT(head, HasSubstr(field));
  }
  EXPECT_THAT(head, Not(HasSubstr("Content-Length")));
  EXPECT_EQ(read_to(client, "\n\n\r\n"), "d\r\nretry: 2000\n\n\r\n");
  script_.tell("1", "first");
  EXPECT_EQ(read_to(client, "\n\n\r\n"), "13\r\nid: 1\ndata: first\n\n\r\n");
  script_.tell("2", "second");
  EXPECT_EQ(read_to(client, "\n\n\r\n"), "14\r\nid: 2\ndata: second\n\n\r\n");
}

TEST_F(EventStreamTest, TellsAtOnceWhatThereIs) {
  options_.interval = 1s;
  script_.tell("1", "first");
  const auto client = listen(start());
  EXPECT_THAT(read_to(*client, "first\n\n\r\n"), StartsWith("d\r\nretry: 2000\n\n\r\n"));
  EXPECT_EQ(script_.looks, 1);
}

TEST_F(EventStreamTest, SpeaksHttp10) {
  script_.tell("1", "only");
  script_.over = true;
  Client client(start());
  client.send("GET /events HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const std::string all = client.read_all();
  EXPECT_THAT(all, Not(HasSubstr("chunked")));
  EXPECT_THAT(all, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(all, EndsWith("\r\n\r\nretry: 2000\n\nid: 1\ndata: only\n\n"));
}

TEST_F(EventStreamTest, HeadAnswersTheHeaderOnly) {
  Client client(start());
  client.send(get("/events", "HEAD") + get("/n"));
  const std::string head = client.read_answer();
  EXPECT_THAT(head, HasSubstr("Content-Type: text/event-stream\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Connection: close")));
  EXPECT_THAT(client.read_answer(), EndsWith("\r\n\r\nn"));
  EXPECT_EQ(script_.looks, 0);
  EXPECT_TRUE(open(0));
}

TEST_F(EventStreamTest, FollowsEarlierAnswers) {
  script_.tell("1", "event");
  script_.over = true;
  Client client(start());
  client.send(get("/n") + get("/events") + get("/n"));
  EXPECT_THAT(client.read_answer(), EndsWith("\r\n\r\nn"));
  EXPECT_THAT(client.read_all(), EndsWith("data: event\n\n\r\n0\r\n\r\n"));
}

TEST_F(EventStreamTest, EndsWithItsSource) {
  const auto client = listen(start());
  EXPECT_TRUE(eventually([&] { return open(1); }));
  script_.tell("1", "last");
  script_.over = true;
  EXPECT_THAT(client->read_all(), EndsWith("data: last\n\n\r\n0\r\n\r\n"));
  EXPECT_TRUE(eventually([&] { return open(0) && script_.sources == 0; }));
  EXPECT_TRUE(eventually([&] { return server_->open_connections() == 0; }));
}

TEST_F(EventStreamTest, BeatsWhileThereIsNothingToTell) {
  options_.heartbeat = 20ms;
  // Far longer than all of these, and not one of their business.
  const auto port = start({.idle_timeout = 20ms, .header_timeout = 20ms, .body_timeout = 20ms});
  const auto client = listen(port);
  const auto beats = client->read_until([](const std::string& text) {
    return std::ranges::count(text, ':') > 8;  // one of them in "retry:"
  });
  EXPECT_THAT(beats, HasSubstr("\r\n3\r\n:\n\n\r\n3\r\n:\n\n\r\n"));
  script_.tell("1", "news");
  EXPECT_THAT(read_to(*client, "news\n\n\r\n"), HasSubstr("id: 1\n"));
}

TEST_F(EventStreamTest, NoticesThatTheClientIsGoneThoughNothingIsSent) {
  options_.interval = 1s;
  const auto port = start();
  const auto polite = listen(port);
  const auto rude = listen(port);
  EXPECT_TRUE(eventually([&] { return open(2); }));
  polite->close();
  EXPECT_TRUE(eventually([&] { return open(1); }));
  rude->reset();
  EXPECT_TRUE(eventually([&] { return open(0) && script_.sources == 0; }));
}

TEST_F(EventStreamTest, DoesNotListenToItsClient) {
  const auto client = listen(start());
  client->send(get("/n"));
  script_.tell("1", "event");
  EXPECT_THAT(read_to(*client, "event\n\n\r\n"), Not(HasSubstr("HTTP/1.1")));
  client->send(std::string(8'000'000, 'x'));  // to no end
  EXPECT_TRUE(eventually([&] { return open(0); }));
}

TEST_F(EventStreamTest, GivesUpOnAClientThatStopsReading) {
  const auto port = start({.write_timeout = 40ms});
  const auto stuck = listen(port);
  EXPECT_TRUE(eventually([&] { return open(1); }));
  const std::string large(1'000'000, 'x');
  for (int i = 0; i < 20; ++i) script_.tell("", large);
  EXPECT_TRUE(eventually([&] { return open(0); }));
}

TEST_F(EventStreamTest, LooksAgainOnlyWhenAllWasTaken) {
  const auto port = start();
  const auto slow = listen(port);
  EXPECT_TRUE(eventually([&] { return open(1); }));
  const std::string large(8'000'000, 'x');
  script_.tell("1", large);
  EXPECT_TRUE(eventually([&] { return script_.told == 1; }));
  script_.tell("2", "after");
  const std::string all = read_to(*slow, "after\n\n\r\n");
  EXPECT_THAT(all, HasSubstr("id: 1\ndata: xxx"));
  EXPECT_EQ(std::ranges::count(all, 'x'), static_cast<std::ptrdiff_t>(large.size()));
  EXPECT_THAT(all, EndsWith("x\n\n\r\n13\r\nid: 2\ndata: after\n\n\r\n"));
}

TEST_F(EventStreamTest, SaysWhenTheClientHasHeard) {
  script_.tell("1", "event");
  const auto client = listen(start());
  const auto client_has_all = [&] {
    const int looks = script_.looks;
    return eventually([&] { return script_.heard > 0 && script_.looks > looks + 3; });
  };
  EXPECT_TRUE(client_has_all());
  const int heard = script_.heard;
  EXPECT_TRUE(client_has_all());
  EXPECT_EQ(script_.heard, heard);  // nothing new was sent
  script_.tell("2", "event");
  EXPECT_TRUE(eventually([&] { return script_.heard == heard + 1; }));
}

TEST_F(EventStreamTest, ASourceThatFailsEndsItsStreamAlone) {
  const auto port = start();
  const auto client = listen(port);
  EXPECT_TRUE(eventually([&] { return open(1); }));
  script_.broken = true;
  EXPECT_THAT(client->read_all(), Not(EndsWith("\r\n0\r\n\r\n")));
  EXPECT_TRUE(eventually([&] { return open(0) && script_.sources == 0; }));
  script_.broken = false;
  script_.tell("1", "again");
  EXPECT_THAT(read_to(*listen(port), "again\n\n\r\n"), HasSubstr("retry"));
}

TEST_F(EventStreamTest, DrainEndsStreamsAtOnce) {
  const auto port = start({.threads = 2});
  const auto clients = listen_all(port, 10);
  EXPECT_TRUE(server_->drain(kPatience));
  for (const auto& client : clients) {
    EXPECT_EQ(client->read_all(), "d\r\nretry: 2000\n\n\r\n0\r\n\r\n");
  }
  EXPECT_TRUE(open(0));
  EXPECT_EQ(server_->open_connections(), 0U);
  EXPECT_EQ(script_.sources, 0);
}

TEST_F(EventStreamTest, DrainDoesNotWaitForAClientThatStopsReading) {
  const auto stuck = listen(start());
  script_.tell("1", std::string(8'000'000, 'x'));
  EXPECT_TRUE(eventually([&] { return script_.told == 1; }));
  EXPECT_TRUE(server_->drain(kPatience));
  EXPECT_TRUE(stuck->sees_end());
}

TEST_F(EventStreamTest, DestructionAloneEndsStreams) {
  const auto client = listen(start());
  server_.reset();
  EXPECT_TRUE(client->sees_end());
  EXPECT_EQ(script_.sources, 0);
}

TEST_F(EventStreamTest, HundredsHearTheSame) {
  constexpr int kClients = 300;
  const auto port = start({.threads = 3});
  auto clients = listen_all(port, kClients);
  for (int round = 0; round < 5; ++round) {
    const std::string news = "news " + std::to_string(round);
    script_.tell(std::to_string(round), news);
    for (const auto& client : clients) {
      EXPECT_THAT(read_to(*client, news + "\n\n\r\n"), HasSubstr("data: news"));
    }
  }
  clients.clear();
  EXPECT_TRUE(eventually([&] { return open(0) && script_.sources == 0; }));
  EXPECT_EQ(server_->open_connections(), 0U);
}

}  // namespace
}  // namespace onsale::http
