#include "app/config.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "app/config_keys.h"
#include "tests/app/temporary_folder.h"

namespace onsale::app {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

ConfigInputs sets(std::vector<std::string> sets) { return {.sets = std::move(sets)}; }

Config good(const ConfigInputs& inputs) {
  auto config = load_config(inputs);
  EXPECT_TRUE(config) << config.error();
  return config.value_or(Config{});
}

std::string refused(const ConfigInputs& inputs) {
  const auto config = load_config(inputs);
  return config ? "accepted" : config.error();
}

TEST(Config, NamesTheDialectsToServe) {
  using enum api::Dialect;
  const auto dialects = [](const char* value) {
    return good(sets({std::string("dialects.enabled=") + value})).dialects;
  };
  EXPECT_EQ(good({}).dialects, std::nullopt);
  EXPECT_EQ(dialects("none"), std::set<api::Dialect>());
  EXPECT_EQ(dialects("all")->size(), 5U);
  EXPECT_EQ(dialects("dates"), std::set{dates});
  EXPECT_EQ(dialects("dates, performances,dates"), (std::set{performances, dates}));
  for (const char* wrong : {"", "Dates", "dates,", ",", "all,dates", "none,dates", "dates,all",
                            "dates,none", "dates;all"}) {
    EXPECT_THAT(refused(sets({std::string("dialects.enabled=") + wrong})),
                HasSubstr("it must be all, none, or some of performances, schedules"))
        << wrong;
  }
}

TEST(Config, NamesTheTrustedProxies) {
  const auto proxies = [](const char* value) {
    return good(sets({std::string("server.trusted_proxies=") + value})).entry.proxies.to_text();
  };
  EXPECT_EQ(good({}).entry.proxies.to_text(), "none");
  EXPECT_EQ(proxies("none"), "none");
  EXPECT_EQ(proxies("10.0.0.0/8,2001:db8::1"), "10.0.0.0/8, 2001:db8::1");
  for (const char* wrong : {"", "10.0.0.0/33", "proxy.example.com", "10.0.0.1,"}) {
    EXPECT_THAT(refused(sets({std::string("server.trusted_proxies=") + wrong})),
                HasSubstr("it must be none, or addresses and networks with commas"))
        << wrong;
  }
}

TEST(Config, HasTheDocumentedDefaults) {
  const Config config = good({});
  EXPECT_EQ(to_text(config.listen), "127.0.0.1:8080");
  EXPECT_EQ(config.database_url, "sqlite:var/onsale.db");
  EXPECT_EQ(config.drain_timeout, 15s);
  EXPECT_EQ(config.policy.room.active_sessions_max, 1000);
  EXPECT_EQ(config.policy.room.admission_rate_per_minute, 0);
  EXPECT_EQ(config.policy.room.session_duration, 600s);
  EXPECT_EQ(config.policy.room.claim_timeout, 120s);
  EXPECT_EQ(config.policy.room.idle_timeout, 0s);
  EXPECT_EQ(config.policy.room.session_ends_on, domain::SessionEnd::payment);
  EXPECT_EQ(config.policy.room.entry_work, 0);
  EXPECT_EQ(config.entry.challenge_lifetime, 5min);
  EXPECT_EQ(config.entry.entries_per_address_per_minute, 0);
  EXPECT_EQ(config.policy.sales.hold_duration, 300s);
  EXPECT_EQ(config.policy.sales.seats_per_user_max, 4);
  EXPECT_FALSE(config.policy.sales.require_balance_at_hold);
  EXPECT_EQ(config.policy.wallet.charge_max.minor, 10'000'000);
  EXPECT_EQ(config.currency, "KRW");
  EXPECT_EQ(config.token_lifetime, 12h);
  EXPECT_EQ(config.hashing_threads, 1U);
  EXPECT_EQ(config.reads_threads, 2U);
  EXPECT_GE(config.server.threads, 1U);
  EXPECT_LE(config.server.threads, 8U);
}

TEST(Config, EveryKeyTakesItsOwnDefault) {
  for (const ConfigKey& key : config_keys()) {
    Config config;
    const auto set = key.set(config, key.get(Config{}));
    EXPECT_TRUE(set) << key.name << ": " << set.error();
    EXPECT_EQ(key.get(config), key.get(Config{})) << key.name;
  }
}

TEST(Config, EveryKeyRefusesNonsenseAndSaysWhatIsAllowed) {
  for (const ConfigKey& key : config_keys()) {
    const std::string message = refused(sets({fmt::format("{}=?!", key.name)}));
    EXPECT_THAT(message, HasSubstr(fmt::format("{} = \"?!\" (from --set)", key.name)));
    EXPECT_THAT(message, HasSubstr("must be " + key.allowed));
  }
}

TEST(Config, EachKindOfValueIsSet) {
  const Config config = good(sets(
      {"server.listen=[::1]:0", "server.threads=3", "waiting_room.session_duration=250ms",
       "waiting_room.idle_timeout=0", "waiting_room.order=fifo",
       "waiting_room.session_ends_on=hold", "sales.require_balance_at_hold=true",
       "wallet.currency=EUR", "wallet.charge_max=1", "engine.batch_max=7", "log.level=debug"}));
  EXPECT_EQ(config.server_config().address, "::1");
  EXPECT_EQ(config.server_config().port, 0);
  EXPECT_EQ(config.server_config().threads, 3U);
  EXPECT_EQ(config.policy.room.session_duration, 250ms);
  EXPECT_EQ(config.policy.room.session_ends_on, domain::SessionEnd::hold);
  EXPECT_TRUE(config.policy.sales.require_balance_at_hold);
  EXPECT_EQ(config.currency, "EUR");
  EXPECT_EQ(config.policy.wallet.charge_max.minor, 1);
  EXPECT_EQ(config.committer.batch_max, 7U);
  EXPECT_EQ(config.log_level, "debug");
}

TEST(Config, BadValuesAreNamed) {
  EXPECT_EQ(refused(sets({"server.threads=0"})),
            "server.threads = \"0\" (from --set) is refused: it must be a whole number from 1 to "
            "256");
  EXPECT_THAT(refused(sets({"server.threads=4x"})), HasSubstr("\"4x\""));
  EXPECT_THAT(refused(sets({"server.idle_timeout=25h"})), HasSubstr("from 1ms to 24h"));
  EXPECT_THAT(refused(sets({"sales.hold_duration=0s"})), HasSubstr("from 1ms"));
  EXPECT_THAT(refused(sets({"sales.hold_duration=300"})), HasSubstr("such as 300s"));
  EXPECT_THAT(refused(sets({"sales.require_balance_at_hold=yes"})), HasSubstr("true or false"));
  EXPECT_THAT(refused(sets({"wallet.currency=won"})), HasSubstr("ISO 4217"));
  EXPECT_EQ(good(sets({"waiting_room.order=lottery"})).policy.room.order,
            domain::RoomOrder::lottery);
  EXPECT_THAT(refused(sets({"waiting_room.order=lifo"})), HasSubstr("fifo or lottery"));
  EXPECT_THAT(refused({.listen = "nowhere"}),
              HasSubstr("server.listen = \"nowhere\" (from --listen)"));
  EXPECT_THAT(refused({.database = "onsale.db"}),
              HasSubstr("database.url = \"onsale.db\" (from --database)"));
}

TEST(Config, UnknownKeysAreNamedWithThoseThatExist) {
  EXPECT_EQ(refused(sets({"wallet.charge=5"})),
            "wallet.charge (from --set) is not a configuration key; the keys there are "
            "wallet.charge_max, wallet.currency");
  EXPECT_THAT(
      refused(sets({"walet.charge_max=5"})),
      HasSubstr("the sections are server, waiting_room, sales, wallet, dialects, database"));
  EXPECT_THAT(refused(sets({"rush.enabled=true"})), HasSubstr("not a configuration key"));
  EXPECT_THAT(refused(sets({"wallet.charge_max"})), HasSubstr("must be key=value"));
  EXPECT_THAT(refused(sets({"=5"})), HasSubstr("must be key=value"));
}

TEST(Config, ReadsTheEnvironment) {
  const Config config = good({.environment = {{"ONSALE_WAITING_ROOM__SESSION_DURATION", "5m"},
                                              {"ONSALE_SERVER__THREADS", "2"},
                                              {"ONSALE_JOBS", "not a key"},
                                              {"HOME__DIR", "not ours"}}});
  EXPECT_EQ(config.policy.room.session_duration, 5min);
  EXPECT_EQ(config.server.threads, 2U);
  EXPECT_THAT(refused({.environment = {{"ONSALE_SERVER__THREADS", "many"}}}),
              HasSubstr("server.threads = \"many\" (from the environment variable "
                        "ONSALE_SERVER__THREADS)"));
  EXPECT_THAT(refused({.environment = {{"ONSALE_SERVER__THREAD", "1"}}}),
              HasSubstr("server.thread (from the environment variable ONSALE_SERVER__THREAD) is "
                        "not a configuration key"));
}

class ConfigFile : public testing::Test {
 protected:
  std::string with(std::string_view text) { return folder_.write("onsale.toml", text); }
  std::string refusal(std::string_view text) { return refused({.file = with(text)}); }

  TemporaryFolder folder_;
};

TEST_F(ConfigFile, IsRead) {
  const Config config = good({.file = with("[waiting_room]\n"
                                           "session_duration = \"5m\"\n"
                                           "active_sessions_max = 20\n"
                                           "idle_timeout = 0\n"
                                           "[sales]\n"
                                           "require_balance_at_hold = true\n"
                                           "[server]\n"
                                           "listen = \"127.0.0.1:9000\"\n")});
  EXPECT_EQ(config.policy.room.session_duration, 5min);
  EXPECT_EQ(config.policy.room.active_sessions_max, 20);
  EXPECT_TRUE(config.policy.sales.require_balance_at_hold);
  EXPECT_EQ(config.listen.port, 9000);
}

TEST_F(ConfigFile, ProblemsNameTheLine) {
  EXPECT_THAT(refusal("[server]\nthreads = \"4\"\n"),
              HasSubstr("onsale.toml, line 2) is refused: it must be a whole number"));
  EXPECT_THAT(refusal("[sales]\nhold_duration = 300\n"), HasSubstr("sales.hold_duration = 300"));
  EXPECT_THAT(refusal("[server]\nthreads = 1.5\n"), HasSubstr("server.threads"));
  EXPECT_THAT(refusal("[server]\nlisten = [1]\n"), HasSubstr("server.listen"));
  EXPECT_THAT(refusal("server = 1\n"), HasSubstr("server (from"));
  EXPECT_THAT(refusal("[server.listen]\nport = 1\n"), HasSubstr("server.listen"));
  EXPECT_THAT(refusal("[rush]\nenabled = true\n"), HasSubstr("rush.enabled"));
  EXPECT_THAT(refusal("[rush]\n"), HasSubstr("rush (from"));
  EXPECT_THAT(refusal("[server]\nthreads = 2\nthreads = 3\n"), HasSubstr("onsale.toml, line 3"));
  EXPECT_THAT(refusal("no toml"), HasSubstr("onsale.toml, line 1"));
  EXPECT_THAT(refused({.file = "/nowhere/onsale.toml"}), HasSubstr("/nowhere/onsale.toml"));
}

TEST_F(ConfigFile, IsTheWeakestOfTheSources) {
  ConfigInputs inputs{.file = with("[server]\nlisten = \"127.0.0.1:1\"\n")};
  EXPECT_EQ(good(inputs).listen.port, 1);
  inputs.environment = {{"ONSALE_SERVER__LISTEN", "127.0.0.1:2"}};
  EXPECT_EQ(good(inputs).listen.port, 2);
  inputs.sets = {"server.listen=127.0.0.1:3", "server.listen=127.0.0.1:4"};
  EXPECT_EQ(good(inputs).listen.port, 4);
  inputs.listen = "127.0.0.1:5";
  EXPECT_EQ(good(inputs).listen.port, 5);
  inputs.sets = {"server.listen=overridden, but wrong"};
  EXPECT_THAT(refused(inputs), HasSubstr("overridden, but wrong"));
}

TEST(ConfigKeys, AreAllInTheHelp) {
  const std::string help = config_help();
  for (const ConfigKey& key : config_keys()) {
    EXPECT_THAT(help, HasSubstr(fmt::format("  {} = {}\n", key.name, default_text(key))));
  }
}

TEST(ConfigKeys, AreAllInTheDocumentation) {
  std::ifstream file(ONSALE_SOURCE_DIR "/docs/configuration.md");
  std::ostringstream page;
  page << file.rdbuf();
  for (const ConfigKey& key : config_keys()) {
    EXPECT_THAT(page.str(), HasSubstr(fmt::format("| `{}` | {} | {} | {} |\n", key.name,
                                                  default_text(key), key.allowed, key.help)));
  }
}

}  // namespace
}  // namespace onsale::app
