// `onsale rush`: plays an on-sale against a server, with very many buyers at once.
#include "rush/rush.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <charconv>
#include <fstream>
#include <iostream>
#include <map>

#include "app/commands.h"
#include "app/duration.h"
#include "app/output_file.h"
#include "app/rush_output.h"
#include "rush/apis.h"
#include "rush/token_user.h"

namespace onsale::app {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

struct Options {
  std::string url = "http://127.0.0.1:8080";
  std::string tokens;
  std::size_t buyers = 0;
  std::string api = "native";
  std::optional<std::string> performance;
  std::string curve = "burst";
  std::string arrive_within = "10s";
  std::string patience = "10m";
  std::string think = "1s";
  std::string retry_within = "1m";
  std::string taste = "any";
  RushFiles files;
  std::optional<int> party_max;
  rush::ClientLimits limits;
  rush::Plan plan;
};

const std::map<std::string, rush::ArrivalCurve> curves{{"burst", rush::ArrivalCurve::burst},
                                                       {"decay", rush::ArrivalCurve::decay},
                                                       {"even", rush::ArrivalCurve::even}};
const std::map<std::string, rush::Taste> tastes{{"any", rush::Taste::any},
                                                {"front", rush::Taste::front}};

/// One a line, as `onsale user token` prints them; "-" is stdin.
std::expected<std::vector<std::string>, Failure> read_tokens(const Options& options) {
  std::ifstream file;
  if (options.tokens != "-") {
    file.open(options.tokens);
    if (!file) return failed(fmt::format("{} cannot be read", options.tokens));
  }
  std::istream& from = options.tokens == "-" ? std::cin : file;
  std::vector<std::string> tokens;
  for (std::string line; std::getline(from, line);) {
    if (!line.empty()) tokens.push_back(std::move(line));
  }
  if (tokens.empty()) return failed(fmt::format("there is no token in {}", options.tokens));
  if (options.buyers > tokens.size()) {
    return failed(fmt::format("{} buyers need as many tokens, and {} has {}", options.buyers,
                              options.tokens, tokens.size()));
  }
  if (options.buyers > 0) tokens.resize(options.buyers);
  return tokens;
}

const rush::Api& api_of(const Options& options) {
  return *std::ranges::find(rush::apis(), options.api, &rush::Api::name);
}

/// Whose the tokens are, where that has to be said.
std::expected<std::vector<rush::Person>, Failure> people_of(std::vector<std::string> tokens,
                                                            const Options& options,
                                                            const rush::Api& api) {
  std::vector<rush::Person> people;
  for (std::string& token : tokens) {
    const auto user = api.numbers_users ? rush::user_of(token) : 0;
    if (!user) {
      return failed(fmt::format("token {} in {} does not say which user it is of, as {} needs it",
                                people.size() + 1, options.tokens, api.name));
    }
    people.push_back({.access_token = std::move(token), .user = *user});
  }
  return people;
}

bool is_date(std::string_view text) {
  constexpr std::string_view form = "dddd-dd-dd";
  return std::ranges::equal(text, form, [](char c, char wanted) {
    return wanted == 'd' ? c >= '0' && c <= '9' : c == wanted;
  });
}

std::expected<rush::Wanted, Failure> wanted_of(const Options& options, const rush::Api& api) {
  rush::Wanted wanted;
  if (!options.performance) return wanted;
  const std::string& text = *options.performance;
  if (api.performance == rush::Api::Called::by_date) {
    if (!is_date(text)) {
      return misused(
          fmt::format("--performance must be a date such as 2024-10-11 in {}", api.name));
    }
    wanted.date = text;
    return wanted;
  }
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, wanted.id.emplace());
  if (error == std::errc() && end == last) return wanted;
  return misused(fmt::format("--performance must be a number in {}", api.name));
}

/// Seats a buyer wants, at most.
std::expected<int, Failure> party_of(const Options& options, const rush::Api& api) {
  constexpr int usual = 2;
  const int party = options.party_max.value_or(std::min(usual, api.party_max));
  if (party <= api.party_max) return party;
  return misused(fmt::format("--party-max must be {} in {}", api.party_max, api.name));
}

std::expected<milliseconds, Failure> duration(std::string_view option, std::string_view text) {
  if (const auto read = parse_duration(text)) return milliseconds{*read};
  return misused(fmt::format("--{} must be a duration such as 250ms, 10s or 5m", option));
}

/// Each connection is a file, and a process may have but few at first.
void allow_files(std::size_t connections) {
  constexpr rlim_t others = 64;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, connections + others));
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

asio::awaitable<Done> play(const rush::Plan& plan, rush::Sale& sale, rush::Tally& tally) {
  const auto open = co_await sale.open();
  if (!open) co_return failed(open.error());
  const Progress progress;
  rush::Rush rush(plan, sale, tally);
  co_await rush.play([&](const rush::Second& second) { progress.show(tally, second); });
  co_return Done();
}

/// What was played, for those who get the page and were not there.
RushReport report_of(const Options& options, http::Timestamp began_at, milliseconds took) {
  const rush::Plan& plan = options.plan;
  const auto& performance = options.performance;
  return {.server = options.url,
          .plan = {{"Server", options.url},
                   {"API", options.api},
                   {"Buyers", fmt::to_string(plan.people.size())},
                   {"Performance", performance.value_or("first on sale")},
                   {"Arrivals", options.curve},
                   {"Arrive within", options.arrive_within},
                   {"Patience in line, at most", options.patience},
                   {"Think before each step, on average", options.think},
                   {"Ask again within", options.retry_within},
                   {"Seats a buyer wants, at most", fmt::to_string(plan.party_max)},
                   {"Holds tried, at most", fmt::to_string(plan.tries_max)},
                   {"Share who pay", fmt::format("{:g}", plan.pays)},
                   {"Taste", options.taste},
                   {"Seed", fmt::to_string(plan.seed)},
                   {"Connections, at most", fmt::to_string(options.limits.connections_max)}},
          .began_at = began_at,
          .took = took};
}

Done run(Options options) {
  const auto server = rush::ServerUrl::parse(options.url);
  if (!server) return misused(fmt::format("--url {}", server.error()));
  const std::pair<const char*, std::pair<std::string*, milliseconds*>> durations[] = {
      {"arrive-within", {&options.arrive_within, &options.plan.arrive_within}},
      {"patience", {&options.patience, &options.plan.patience}},
      {"think", {&options.think, &options.plan.think}},
      {"retry-within", {&options.retry_within, &options.limits.retry_within}}};
  for (const auto& [name, where] : durations) {
    const auto read = duration(name, *where.first);
    if (!read) return std::unexpected(read.error());
    *where.second = *read;
  }
  const rush::Api& api = api_of(options);
  const auto wanted = wanted_of(options, api);
  if (!wanted) return std::unexpected(wanted.error());
  const auto party = party_of(options, api);
  if (!party) return std::unexpected(party.error());
  options.plan.party_max = *party;
  auto tokens = read_tokens(options);
  if (!tokens) return std::unexpected(tokens.error());
  auto people = people_of(*std::move(tokens), options, api);
  if (!people) return std::unexpected(people.error());
  options.plan.people = *std::move(people);
  options.plan.curve = curves.at(options.curve);
  options.plan.taste = tastes.at(options.taste);
  for (const std::string* file : {&options.files.json, &options.files.html}) {
    // Now, and not when all has been bought.
    const Done writable = file->empty() ? Done() : can_write_file(*file);
    if (!writable) return writable;
  }
  allow_files(options.limits.connections_max);

  asio::io_context context(1);
  rush::Client client(context, *server, options.limits);
  rush::Tally tally(options.plan.people.size());
  const auto sale = api.sale(client, tally, *wanted);
  Done done;
  std::exception_ptr bug;
  const auto began_at = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  const auto start = rush::Tally::Clock::now();
  asio::co_spawn(context, play(options.plan, *sale, tally),
                 [&](std::exception_ptr thrown, Done result) {
                   if (thrown) context.stop();  // the buyers refer to what is gone
                   bug = std::move(thrown);
                   done = std::move(result);
                 });
  context.run();
  if (bug) std::rethrow_exception(bug);
  if (!done) return done;
  const auto took = std::chrono::floor<milliseconds>(rush::Tally::Clock::now() - start);
  return report_rush(report_of(options, began_at, took), options.files, tally);
}

CLI::IsMember api_names() {
  std::vector<std::string> names;
  for (const rush::Api& api : rush::apis()) names.emplace_back(api.name);
  return CLI::IsMember(names);
}

}  // namespace

Command add_rush(CLI::App& root) {
  auto options = std::make_shared<Options>();
  auto* app = root.add_subcommand("rush", "Play an on-sale against a server, with many buyers");
  const auto names = [](const auto& map) {
    std::vector<std::string> keys;
    keys.reserve(map.size());
    for (const auto& [name, value] : map) keys.push_back(name);
    return CLI::IsMember(keys);
  };
  app->add_option("--url", options->url, "The server (http://127.0.0.1:8080)");
  app->add_option("--tokens", options->tokens,
                  "File with an access token for each buyer, one a line, as `onsale user token "
                  "--buyers N` prints them; - is stdin")
      ->required();
  app->add_option("--buyers", options->buyers, "How many come (as many as there are tokens)")
      ->check(CLI::PositiveNumber);
  app->add_option("--dialect", options->api, "In which API (native)")->check(api_names());
  app->add_option("--performance", options->performance,
                  "What they want: its id, or its date in availability and dates (the first on "
                  "sale)");
  app->add_option("--arrivals", options->curve,
                  "burst: all in the first second; decay: ever fewer; even (burst)")
      ->check(names(curves));
  app->add_option("--arrive-within", options->arrive_within, "250ms, 10s, 5m (10s)");
  app->add_option("--patience", options->patience, "In line, at most (10m)");
  app->add_option("--think", options->think, "Before each step, on average (1s)");
  app->add_option("--retry-within", options->retry_within,
                  "How long the same is asked again when the server is not there or says when to "
                  "(1m; 0s: never)");
  app->add_option("--party-max", options->party_max,
                  "Seats a buyer wants, at most (2, or 1 in a dialect that holds one at a time)")
      ->check(CLI::Range(1, rush::party_most));
  app->add_option("--tries", options->plan.tries_max, "Holds, when others are faster (5)")
      ->check(CLI::Range(1, 1000));
  app->add_option("--pays", options->plan.pays, "Share of those with seats who pay (1)")
      ->check(CLI::Range(0.0, 1.0));
  app->add_option("--taste", options->taste, "any seats, or those in front (any)")
      ->check(names(tastes));
  app->add_option("--seed", options->plan.seed, "Of all chance (1)");
  app->add_option("--connections", options->limits.connections_max,
                  "At the same time, at most (1000)")
      ->check(CLI::Range(1, 60'000));
  app->add_option("--json", options->files.json,
                  "Write the figures, second by second, into this file")
      ->type_name("FILE");
  app->add_option("--html", options->files.html, "Write a report with drawings into this file")
      ->type_name("FILE");
  return {app, [options] { return run(*options); }};
}

}  // namespace onsale::app
