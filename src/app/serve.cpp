// `onsale serve`: plain wiring, from the configuration to the ready line and back.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <system_error>

#include "api/dialects/dialects.h"
#include "api/services.h"
#include "app/commands.h"
#include "app/config_keys.h"
#include "app/demo.h"
#include "app/execute.h"
#include "app/office.h"
#include "app/stop_signal.h"
#include "app/token_key.h"
#include "domain/declare_policy.h"
#include "domain/room_control.h"
#include "engine/office_clock.h"

namespace onsale::app {
namespace {

constexpr std::size_t hashing_queue_max = 1024;
constexpr std::size_t rendering_threads = 1;
constexpr std::size_t rendering_queue_max = 4096;
constexpr std::size_t reads_queue_max = 4096;
/// After the time to drain, the time to end: handlers unwind, files and connections are closed.
constexpr std::chrono::milliseconds unwinding_max{2000};

struct Options {
  ConfigInputs inputs;
  bool demo = false;
  bool demo_anywhere = false;
};

Done refuse_public_demo(const Options& options, const Config& config) {
  if (!options.demo || options.demo_anywhere || is_loopback(config.listen)) return {};
  return misused(fmt::format(
      "a demo has public passwords, and others can reach {}; listen on 127.0.0.1, or give "
      "--demo-anywhere to do it all the same",
      to_text(config.listen)));
}

/// The compatible APIs to serve.
api::DialectSettings dialects_of(const Options& options, const Config& config) {
  api::DialectSettings settings{.enabled = config.dialects.value_or(std::set<api::Dialect>{}),
                                .default_event = {config.default_event}};
  if (options.demo && !config.dialects) {
    settings.enabled.insert(api::all_dialects.begin(), api::all_dialects.end());
  }
  return settings;
}

Done refuse_public_dialects(const Options& options, const Config& config) {
  const bool allowed = config.unauthenticated_dialects_allowed || options.demo_anywhere;
  if (allowed || is_loopback(config.listen)) return {};
  std::string names;
  for (const api::Dialect dialect : dialects_of(options, config).enabled) {
    if (authenticates(dialect)) continue;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", to_text(dialect));
  }
  if (names.empty()) return {};
  return misused(fmt::format(
      "dialects.enabled has {}, which take a user's number for proof of who asks, and others can "
      "reach {}; leave them out, listen on 127.0.0.1 behind something that signs people in, or "
      "set dialects.allow_unauthenticated=true",
      names, to_text(config.listen)));
}

Done prepare_demo(Office& office) {
  const auto fill = fill_demo(*office.engine, *office.store);
  if (!fill) return failed(fmt::format("cannot fill the demo: {}", fill.error()));
  if (*fill == DemoFill::not_empty) {
    spdlog::warn("{} is not empty and has no demo; nothing was added", office.store->describe());
    return {};
  }
  print(
      fmt::format("demo accounts, all with the password {}:\n"
                  "  buyers     fan1@example.com ... fan{}@example.com\n"
                  "  organiser  {}\n"
                  "  staff      {}",
                  demo_password, demo_fans, demo_organiser, demo_staff));
  return {};
}

/// What the box office signs with.
struct Keys {
  std::string tokens;
  std::string receipts;
};

store::Result<Keys> keys_of(store::Store& store) {
  auto tokens = token_key(store);
  if (!tokens) return std::unexpected(tokens.error());
  auto receipts = receipt_key(store);
  if (!receipts) return std::unexpected(receipts.error());
  return Keys{.tokens = *std::move(tokens), .receipts = *std::move(receipts)};
}

/// Rooms that are a lottery by the configuration's default have nobody who chose a seed for them.
Done prepare_draws(Office& office) {
  const auto catalogue = office.engine->views().catalogue();
  for (const auto& [id, room] : catalogue->rooms) {
    const auto order = room.policy.over(office.engine->policy().room).order;
    const bool ahead = room.opens_at && office.engine->now() < *room.opens_at;
    if (order != domain::RoomOrder::lottery || !ahead || !room.draw_seed.empty()) continue;
    const domain::ChangeRoom command{.room = id,
                                     .by = {},
                                     .policy = {},
                                     .state = {},
                                     .opens_at = {},
                                     .fresh_seed = random_key()};
    const auto done = execute(*office.engine, command);
    if (!done) {
      return failed(fmt::format("cannot prepare the draw of room {}: {}", id.value, done.error()));
    }
  }
  return {};
}

/// What is left of the time to drain when nobody waits for the store any more: enough to refuse
/// what it has not taken by then, and for a connection to it that is just being made to fail.
std::chrono::milliseconds time_for_refusals(const Config& config) {
  constexpr std::chrono::milliseconds enough{3000};
  return std::min(enough, config.drain_timeout / 2);
}

/// The journal is to tell by which limits was decided, also those that no room sets itself.
Done declare_policy(Office& office) {
  const auto done = execute(*office.engine, domain::DeclarePolicy{});
  return done ? Done{} : failed(fmt::format("cannot declare the policy: {}", done.error()));
}

/// Serves until a signal comes and everything accepted has been answered.
Done serve_until_stopped(const Config& config, const api::DialectSettings& dialects, Office& office,
                         const Keys& keys, StopSignal& stop) {
  http::Metrics metrics;
  const api::SigningKey receipts(keys.receipts);
  api::EntryGuard entry(keys.tokens, config.entry);
  const http::AccessTokens tokens(
      keys.tokens, std::chrono::duration_cast<std::chrono::seconds>(config.token_lifetime));
  http::Router router(
      {.authenticator = tokens.authenticator([&office] { return office.engine->now(); }),
       .metrics = &metrics,
       .body_max_bytes = config.body_bytes_max});
  http::Server server(config.server_config(), router, &metrics);
  // After the server, since their threads resume handlers on its event loops.
  api::StoreReads reads(*office.store, config.reads_threads, reads_queue_max);
  http::WorkPool hashing(config.hashing_threads, hashing_queue_max);
  http::WorkPool rendering(rendering_threads, rendering_queue_max);
  api::Services services{.engine = *office.engine,
                         .reads = reads,
                         .tokens = tokens,
                         .receipts = receipts,
                         .entry = entry,
                         .hashing = hashing,
                         .rendering = rendering,
                         .metrics = metrics,
                         .currency = config.currency,
                         .store = *office.store};
  api::add_v1_routes(router, services);
  api::add_dialect_routes(router, services, dialects);
  api::add_operation_routes(router, services);

  ListenAddress bound = config.listen;
  try {
    bound.port = server.start();
  } catch (const std::system_error& error) {
    return failed(
        fmt::format("cannot listen on {}: {}", to_text(config.listen), error.code().message()));
  }
  stop.ready(config.drain_timeout + unwinding_max);
  print(fmt::format("onsale: ready on http://{}", to_text(bound)));

  const auto asked_at = stop.wait();
  spdlog::info("draining: no new work, everything accepted is answered");
  office.store->give_up_at(asked_at + config.drain_timeout - time_for_refusals(config));
  if (!server.drain(config.drain_timeout)) {
    spdlog::warn("cut off what was not answered within {} ms", config.drain_timeout.count());
  }
  office.engine->drain();
  return {};
}

Done serve(const Options& options) {
  StopSignal stop;
  const auto config = configure(options.inputs, "debug");
  if (!config) return std::unexpected(config.error());
  if (auto allowed = refuse_public_demo(options, *config); !allowed) return allowed;

  if (auto allowed = refuse_public_dialects(options, *config); !allowed) return allowed;

  const engine::OfficeClock clock;
  auto office = open_office(*config, clock);
  if (!office) return std::unexpected(office.error());
  const auto keys = keys_of(*office->store);
  if (!keys) return failed(keys.error().message);
  if (options.demo) {
    if (auto prepared = prepare_demo(*office); !prepared) return prepared;
  }
  if (auto declared = declare_policy(*office); !declared) return declared;
  if (auto prepared = prepare_draws(*office); !prepared) return prepared;
  const api::DialectSettings dialects = dialects_of(options, *config);
  if (dialects.enabled.contains(api::Dialect::dates) &&
      !office->engine->views().catalogue()->event(dialects.default_event)) {
    spdlog::warn("dialects.default_event is {}, and there is no such event yet",
                 dialects.default_event.value);
  }
  return serve_until_stopped(*config, dialects, *office, *keys, stop);
}

}  // namespace

Command add_serve(CLI::App& root) {
  auto options = std::make_shared<Options>();
  auto* app = root.add_subcommand("serve", "Run the server; it prints one line when it is ready");
  auto* demo = app->add_flag("--demo", options->demo,
                             "Fill an empty database with three events and a thousand buyers");
  app->add_flag("--demo-anywhere", options->demo_anywhere,
                "Let a demo listen where others can reach it")
      ->needs(demo);
  app->add_option("--listen", options->inputs.listen, "Address and port (127.0.0.1:8080)")
      ->type_name("ADDRESS:PORT");
  add_config_options(*app, options->inputs);
  app->footer(config_help);
  return {app, [options] { return serve(*options); }};
}

}  // namespace onsale::app
