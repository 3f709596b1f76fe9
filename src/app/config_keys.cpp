#include "app/config_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "app/duration.h"

namespace onsale::app {
namespace {

using domain::Duration;
using Set = std::expected<void, std::string>;

constexpr std::int64_t count_max = 1'000'000'000'000;

Set must_be(std::string_view allowed) {
  return std::unexpected(fmt::format("must be {}", allowed));
}

std::optional<std::int64_t> parse_whole(std::string_view text) {
  std::int64_t value = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc{} || end != last) return std::nullopt;
  return value;
}

// The four kinds of keys. `field` takes a Config and returns a reference to the member that the
// key sets, so that default and setter cannot mean different ones.

template <class Field>
ConfigKey whole(std::string_view name, std::int64_t min, std::int64_t max, Field field,
                std::string_view help) {
  std::string allowed = fmt::format("a whole number from {} to {}", min, max);
  auto set = [=](Config& config, std::string_view text) -> Set {
    const auto value = parse_whole(text);
    if (!value || *value < min || *value > max) return must_be(allowed);
    auto& member = field(config);
    member = static_cast<std::remove_reference_t<decltype(member)>>(*value);
    return {};
  };
  return {.name = name,
          .kind = KeyKind::whole,
          .allowed = allowed,
          .help = help,
          .get = [field](const Config& config) { return fmt::to_string(field(config)); },
          .set = std::move(set)};
}

struct Range {
  Duration min;
  Duration max = duration_max;
};

template <class Field>
ConfigKey duration(std::string_view name, Range range, Field field, std::string_view help) {
  std::string allowed = fmt::format("a duration from {} to {}, such as 300s, 5m or 12h",
                                    format_duration(range.min), format_duration(range.max));
  auto set = [=](Config& config, std::string_view text) -> Set {
    const auto value = parse_duration(text);
    if (!value || *value < range.min || *value > range.max) return must_be(allowed);
    field(config) = *value;
    return {};
  };
  return {.name = name,
          .kind = KeyKind::duration,
          .allowed = allowed,
          .help = help,
          .get = [field](const Config& config) { return format_duration(field(config)); },
          .set = std::move(set)};
}

template <class Field>
ConfigKey flag(std::string_view name, Field field, std::string_view help) {
  auto set = [=](Config& config, std::string_view text) -> Set {
    if (text != "true" && text != "false") return must_be("true or false");
    field(config) = text == "true";
    return {};
  };
  return {.name = name,
          .kind = KeyKind::flag,
          .allowed = "true or false",
          .help = help,
          .get = [field](const Config& config) { return field(config) ? "true" : "false"; },
          .set = std::move(set)};
}

using Get = std::string (*)(const Config&);
using SetText = Set (*)(Config&, std::string_view);

ConfigKey text(std::string_view name, std::string allowed, Get get, SetText set,
               std::string_view help) {
  return {.name = name, .allowed = std::move(allowed), .help = help, .get = get, .set = set};
}

// ---- setters of texts --------------------------------------------------------------

constexpr std::string_view listen_allowed = "an address and a port: 127.0.0.1:8080 or [::1]:8080";
constexpr std::string_view levels_allowed = "debug, info, warning, error or off";
constexpr std::string_view dialects_allowed =
    "all, none, or some of performances, schedules, availability, customers, dates, with commas";
constexpr std::string_view ends_allowed = "payment or hold";
constexpr std::string_view orders_allowed = "fifo or lottery";
constexpr std::string_view currency_allowed = "the three capital letters of ISO 4217, such as KRW";
constexpr std::string_view proxies_allowed =
    "none, or addresses and networks with commas, such as 10.0.0.0/8, 2001:db8::1";
constexpr std::string_view database_allowed =
    "sqlite:PATH, postgresql://HOST/DATABASE, or memory: for a server that forgets everything when "
    "it stops";

Set set_listen(Config& config, std::string_view text) {
  auto listen = parse_listen_address(text);
  if (!listen) return must_be(listen_allowed);
  config.listen = std::move(*listen);
  return {};
}

Set set_proxies(Config& config, std::string_view text) {
  auto proxies = api::TrustedProxies::parse(text);
  if (!proxies) return must_be(proxies_allowed);
  config.entry.proxies = *std::move(proxies);
  return {};
}

Set set_database(Config& config, std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return must_be(database_allowed);
  config.database_url = text;
  return {};
}

Set set_order(Config& config, std::string_view text) {
  const auto order = domain::from_text<domain::RoomOrder>(text);
  if (!order) return must_be(orders_allowed);
  config.policy.room.order = *order;
  return {};
}

Set set_session_end(Config& config, std::string_view text) {
  const auto end = domain::from_text<domain::SessionEnd>(text);
  if (!end) return must_be(ends_allowed);
  config.policy.room.session_ends_on = *end;
  return {};
}

Set set_currency(Config& config, std::string_view text) {
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (text.size() != 3 || !std::ranges::all_of(text, is_capital)) return must_be(currency_allowed);
  config.currency = text;
  return {};
}

std::string dialects_text(const Config& config) {
  if (!config.dialects || config.dialects->empty()) return "none";
  if (config.dialects->size() == api::all_dialects.size()) return "all";
  std::string text;
  for (const api::Dialect dialect : *config.dialects) {
    if (!text.empty()) text += ',';
    text += to_text(dialect);
  }
  return text;
}

Set set_dialects(Config& config, std::string_view text) {
  std::set<api::Dialect> dialects;
  if (text == "all") dialects.insert(api::all_dialects.begin(), api::all_dialects.end());
  bool more = text != "all" && text != "none";
  while (more) {
    const std::size_t comma = text.find(',');
    std::string_view name = text.substr(0, comma);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    const auto dialect = api::dialect_from_text(name);
    if (!dialect) return must_be(dialects_allowed);
    dialects.insert(*dialect);
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
  }
  config.dialects = std::move(dialects);
  return {};
}

Set set_log_level(Config& config, std::string_view text) {
  constexpr std::string_view levels[] = {"debug", "info", "warning", "error", "off"};
  if (std::ranges::find(levels, text) == std::end(levels)) return must_be(levels_allowed);
  config.log_level = text;
  return {};
}

// ---- the table ---------------------------------------------------------------------

constexpr Range any_time{.min = Duration{1}};
constexpr Range any_time_or_none{.min = Duration{0}};
constexpr Range challenge_time{.min = std::chrono::seconds{1}, .max = std::chrono::hours{1}};
constexpr Range timeout{.min = Duration{1}, .max = std::chrono::hours{24}};
constexpr Range timeout_or_none{.min = Duration{0}, .max = std::chrono::hours{24}};

void add_server_keys(std::vector<ConfigKey>& keys) {
  keys.push_back(text(
      "server.listen", std::string(listen_allowed),
      [](const Config& c) { return to_text(c.listen); }, set_listen,
      "Where the server listens. Port 0 takes a free one; the ready line tells which."));
  keys.push_back(whole(
      "server.threads", 1, 256, [](auto& c) -> auto& { return c.server.threads; },
      "I/O threads, each with its own event loop."));
  keys.back().default_words = "the number of cores minus one, from 1 to 8";
  keys.push_back(whole(
      "server.connections_max", 1, 1'000'000,
      [](auto& c) -> auto& { return c.server.connections_max; },
      "Open connections; one more is answered 503 and closed."));
  keys.push_back(whole(
      "server.header_bytes_max", 1024, 1'048'576,
      [](auto& c) -> auto& { return c.server.header_bytes_max; },
      "Bytes of a request's line and headers; beyond, 431."));
  keys.push_back(whole(
      "server.body_bytes_max", 1024, 1'073'741'824,
      [](auto& c) -> auto& { return c.body_bytes_max; },
      "Bytes of a request's body on routes that set no limit of their own; beyond, 413."));
  keys.push_back(duration(
      "server.idle_timeout", timeout, [](auto& c) -> auto& { return c.server.idle_timeout; },
      "How long a connection may rest between two requests."));
  keys.push_back(duration(
      "server.header_timeout", timeout, [](auto& c) -> auto& { return c.server.header_timeout; },
      "From the first to the last byte of a request's headers; beyond, 408."));
  keys.push_back(duration(
      "server.body_timeout", timeout, [](auto& c) -> auto& { return c.server.body_timeout; },
      "For the whole body of a request; beyond, 408."));
  keys.push_back(duration(
      "server.write_timeout", timeout, [](auto& c) -> auto& { return c.server.write_timeout; },
      "How long a client may take nothing of an answer before it is cut off."));
  keys.push_back(duration(
      "server.drain_timeout", timeout_or_none, [](auto& c) -> auto& { return c.drain_timeout; },
      "After SIGTERM, how long accepted requests may take; those that hang in the database are "
      "refused shortly before, and then all are cut off."));
  keys.push_back(text(
      "server.trusted_proxies", std::string(proxies_allowed),
      [](const Config& c) { return c.entry.proxies.to_text(); }, set_proxies,
      "Whose X-Forwarded-For is believed about where a request comes from (docs/abuse.md)."));
}

void add_entry_keys(std::vector<ConfigKey>& keys) {
  keys.push_back(whole(
      "waiting_room.entry_work", 0, domain::entry_work_max,
      [](auto& c) -> auto& { return c.policy.room.entry_work; },
      "Work to be done before one enters, as the maxnumber of an ALTCHA challenge; 0 is none."));
  keys.push_back(duration(
      "waiting_room.challenge_lifetime", challenge_time,
      [](auto& c) -> auto& { return c.entry.challenge_lifetime; },
      "How long a challenge may take from being asked for to being used."));
  keys.push_back(whole(
      "waiting_room.entries_per_address_per_minute", 0, api::entries_per_address_max,
      [](auto& c) -> auto& { return c.entry.entries_per_address_per_minute; },
      "Entries of one address, IPv6 by the first 64 bits, at once and then each minute; beyond, "
      "429. 0 is no limit."));
}

void add_room_keys(std::vector<ConfigKey>& keys) {
  keys.push_back(whole(
      "waiting_room.active_sessions_max", 1, count_max,
      [](auto& c) -> auto& { return c.policy.room.active_sessions_max; },
      "People in the shop at the same time."));
  keys.push_back(whole(
      "waiting_room.admission_rate_per_minute", 0, count_max,
      [](auto& c) -> auto& { return c.policy.room.admission_rate_per_minute; },
      "Admissions per minute, evenly spread; 0 is no limit."));
  keys.push_back(duration(
      "waiting_room.session_duration", any_time,
      [](auto& c) -> auto& { return c.policy.room.session_duration; },
      "How long an admitted visitor may shop."));
  keys.push_back(duration(
      "waiting_room.claim_timeout", any_time,
      [](auto& c) -> auto& { return c.policy.room.claim_timeout; },
      "How long an admitted visitor may take to show up; no longer than the session."));
  keys.push_back(duration(
      "waiting_room.idle_timeout", any_time_or_none,
      [](auto& c) -> auto& { return c.policy.room.idle_timeout; },
      "A waiting visitor not heard of for so long loses the place; 0 keeps it. Time in which the "
      "server could hear nobody does not count."));
  keys.push_back(text(
      "waiting_room.order", std::string(orders_allowed),
      [](const Config& c) -> std::string {
        return std::string(domain::to_text(c.policy.room.order));
      },
      set_order,
      "Who is admitted first: fifo, whoever came first; lottery, a draw among those who came "
      "before "
      "the room opens."));
  keys.push_back(text(
      "waiting_room.session_ends_on", std::string(ends_allowed),
      [](const Config& c) -> std::string {
        return std::string(domain::to_text(c.policy.room.session_ends_on));
      },
      set_session_end, "What ends a session besides its time."));
}

void add_sales_keys(std::vector<ConfigKey>& keys) {
  keys.push_back(duration(
      "sales.hold_duration", any_time,
      [](auto& c) -> auto& { return c.policy.sales.hold_duration; },
      "How long seats are held for someone who has not paid yet."));
  keys.push_back(whole(
      "sales.seats_per_user_max", 1, count_max,
      [](auto& c) -> auto& { return c.policy.sales.seats_per_user_max; },
      "Seats one person may hold and own of one event."));
  keys.push_back(flag(
      "sales.require_balance_at_hold",
      [](auto& c) -> auto& { return c.policy.sales.require_balance_at_hold; },
      "Whether seats are held only for a wallet that covers them."));
  keys.push_back(whole(
      "wallet.charge_max", 1, domain::wallet_balance_max.minor,
      [](auto& c) -> auto& { return c.policy.wallet.charge_max.minor; },
      "The most one charge may add to a wallet, in minor units of the currency."));
  keys.push_back(text(
      "wallet.currency", std::string(currency_allowed), [](const Config& c) { return c.currency; },
      set_currency, "The currency of every amount of this box office."));
}

void add_dialect_keys(std::vector<ConfigKey>& keys) {
  keys.push_back(text(
      "dialects.enabled", std::string(dialects_allowed), dialects_text, set_dialects,
      "Which of the five compatible APIs are served beside the native one (docs/dialects.md)."));
  keys.back().default_words = "none; with --demo, all";
  keys.push_back(flag(
      "dialects.allow_unauthenticated",
      [](auto& c) -> auto& { return c.unauthenticated_dialects_allowed; },
      "Whether those that take a user's number for proof may listen where others reach them."));
  keys.push_back(whole(
      "dialects.default_event", 1, count_max, [](auto& c) -> auto& { return c.default_event; },
      "The event that the dialect dates sells, since it names none."));
}

void add_other_keys(std::vector<ConfigKey>& keys) {
  keys.push_back(text(
      "database.url", std::string(database_allowed), [](const Config& c) { return c.database_url; },
      set_database, "Where the data is kept. Paths are relative to the working directory."));
  keys.push_back(whole(
      "engine.batch_max", 1, 100'000, [](auto& c) -> auto& { return c.committer.batch_max; },
      "Commands decided and made durable in one transaction."));
  keys.push_back(whole(
      "engine.lanes", 1, 64, [](auto& c) -> auto& { return c.lanes; },
      "Batches decided at the same time, on PostgreSQL. Waiting rooms are spread over them."));
  keys.push_back(whole(
      "engine.queue_max", 1, 10'000'000, [](auto& c) -> auto& { return c.committer.queue_max; },
      "Commands that may wait for their batch; beyond, 503."));
  keys.push_back(duration(
      "identity.token_lifetime", Range{.min = std::chrono::seconds{1}},
      [](auto& c) -> auto& { return c.token_lifetime; },
      "How long an access token is valid, in whole seconds."));
  keys.push_back(whole(
      "identity.hashing_threads", 1, 64, [](auto& c) -> auto& { return c.hashing_threads; },
      "Threads that hash passwords, 19 MiB and tens of milliseconds each."));
  keys.push_back(whole(
      "reads.threads", 1, 64, [](auto& c) -> auto& { return c.reads_threads; },
      "Threads that read reservations, tickets and wallets from the store."));
  keys.push_back(text(
      "log.level", std::string(levels_allowed), [](const Config& c) { return c.log_level; },
      set_log_level, "The least important messages that are logged to stderr."));
}

std::vector<ConfigKey> make_keys() {
  std::vector<ConfigKey> keys;
  add_server_keys(keys);
  add_room_keys(keys);
  add_entry_keys(keys);
  add_sales_keys(keys);
  add_dialect_keys(keys);
  add_other_keys(keys);
  return keys;
}

}  // namespace

std::span<const ConfigKey> config_keys() {
  static const std::vector<ConfigKey> keys = make_keys();
  return keys;
}

const ConfigKey* find_key(std::string_view name) {
  const auto keys = config_keys();
  const auto found = std::ranges::find(keys, name, &ConfigKey::name);
  return found == keys.end() ? nullptr : &*found;
}

bool is_section(std::string_view name) {
  const std::string prefix = std::string(name) + '.';
  return std::ranges::any_of(config_keys(),
                             [&](const ConfigKey& key) { return key.name.starts_with(prefix); });
}

std::string environment_name(const ConfigKey& key) {
  std::string name = "ONSALE_";
  for (const char c : key.name) {
    if (c == '.') {
      name += "__";
    } else {
      name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return name;
}

std::string default_text(const ConfigKey& key) {
  return key.default_words.empty() ? key.get(Config{}) : std::string(key.default_words);
}

std::string config_help() {
  std::string help =
      "Configuration keys, for --set key=value, a TOML file (--config) or the environment\n"
      "(ONSALE_SERVER__THREADS=4 for server.threads). --set wins over the environment, and\n"
      "that over the file.\n";
  for (const ConfigKey& key : config_keys()) {
    help += fmt::format("\n  {} = {}\n      {}\n      Allowed: {}.\n", key.name, default_text(key),
                        key.help, key.allowed);
  }
  return help;
}

}  // namespace onsale::app
