// What the benchmarks of the waiting room share: a directory for databases, people and their
// tokens, commands in numbers, and the memory of the process.
#pragma once

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <numeric>
#include <random>
#include <semaphore>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "domain/catalogue.h"
#include "domain/identity.h"
#include "domain/waiting_room.h"
#include "engine/engine.h"
#include "store/store.h"

namespace onsale::bench {

template <class T>
T must(store::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

/// A fresh directory in the first of $ONSALE_BENCH_DIR and the working directory: it decides
/// whose fsync is measured. Deleted with what is in it.
class Directory {
 public:
  explicit Directory(const std::string& name) {
    const char* wanted = std::getenv("ONSALE_BENCH_DIR");
    path_ = std::filesystem::path(wanted ? wanted : ".") /
            ("onsale-bench-" + name + "-" + std::to_string(::getpid()));
    std::filesystem::create_directories(path_);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string url() const { return "sqlite:" + (path_ / "bench.db").string(); }
  [[nodiscard]] std::string path() const { return std::filesystem::absolute(path_).string(); }

 private:
  std::filesystem::path path_;
};

/// Of at least one; of an even number the higher one in the middle.
inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// What main() returns: tells on stderr what `work` throws.
template <class Work>
int exit_code_of(const Work& work) {
  try {
    work();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}

/// Tokens as visitors have them: random, and the same in each run.
class Tokens {
 public:
  domain::VisitorToken next() {
    domain::VisitorToken token{};
    for (std::size_t half = 0; half < token.size(); half += 8) {
      std::uint64_t bits = random_();
      for (std::size_t i = 0; i < 8; ++i, bits >>= 8) {
        token.data[half + i] = static_cast<std::uint8_t>(bits);
      }
    }
    return token;
  }

 private:
  std::mt19937_64 random_{1};
};

/// Submits `count` commands, made by `command(i)`, keeping a full batch waiting at all times,
/// and returns when all have their durable outcome, which `done(i, outcome)` is told.
template <class Make, class Done>
void submit_all(engine::Engine& engine, std::int64_t count, const Make& command, const Done& done) {
  using Command = std::invoke_result_t<Make, std::int64_t>;
  constexpr std::ptrdiff_t at_once = 4096;
  std::counting_semaphore<> places(at_once);
  std::atomic<std::int64_t> refused = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    places.acquire();
    engine.submit(command(i), std::nullopt,
                  [&, i](engine::Reply<engine::OutcomeOf<Command>> reply) {
                    if (auto* outcome = std::get_if<engine::OutcomeOf<Command>>(&reply)) {
                      done(i, *outcome);
                    } else {
                      ++refused;
                    }
                    places.release();
                  });
  }
  for (std::ptrdiff_t i = 0; i < at_once; ++i) places.acquire();
  if (refused > 0) throw std::runtime_error("commands were refused");
}

/// The outcome of one command; returns when it is durable. Throws what std::get throws if it was
/// not decided.
template <class Command>
engine::OutcomeOf<Command> call(engine::Engine& engine, Command command) {
  std::promise<engine::OutcomeOf<Command>> outcome;
  engine.submit(std::move(command), std::nullopt, [&](auto reply) {
    outcome.set_value(std::get<engine::OutcomeOf<Command>>(std::move(reply)));
  });
  return outcome.get_future().get();
}

inline void add_users(engine::Engine& engine, std::int64_t count) {
  const auto user = [](std::int64_t i) {
    return domain::CreateUser{
        .email = "fan" + std::to_string(i) + "@example.com", .name = "Fan", .password_hash = "-"};
  };
  submit_all(engine, count, user, [](std::int64_t, const domain::CreateUserOutcome&) {});
}

/// These users enter the room in this order, and get these tokens.
inline std::vector<domain::VisitorToken> enter_all(engine::Engine& engine,
                                                   std::span<const std::int64_t> users,
                                                   Tokens& tokens,
                                                   domain::RoomId room = domain::default_room) {
  std::vector<domain::VisitorToken> entered;
  entered.reserve(users.size());
  const auto enter = [&](std::int64_t i) {
    entered.push_back(tokens.next());
    return domain::Enter{room, domain::UserId{users[static_cast<std::size_t>(i)]}, entered.back()};
  };
  submit_all(engine, std::ssize(users), enter, [](std::int64_t, const domain::EnterOutcome&) {});
  return entered;
}

/// Users 1 … `count` enter the default room in this order, and get these tokens.
inline std::vector<domain::VisitorToken> enter_all(engine::Engine& engine, std::int64_t count,
                                                   Tokens& tokens) {
  std::vector<std::int64_t> users(static_cast<std::size_t>(count));
  std::iota(users.begin(), users.end(), 1);
  return enter_all(engine, users, tokens);
}

/// Bytes of memory the process has resident, after free memory was given back.
inline std::int64_t resident_bytes() {
  ::malloc_trim(0);
  std::ifstream statm("/proc/self/statm");
  std::int64_t total = 0;
  std::int64_t resident = 0;
  statm >> total >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

}  // namespace onsale::bench
