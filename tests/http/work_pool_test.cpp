#include "http/work_pool.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

namespace onsale::http {
namespace {

namespace asio = boost::asio;

/// Runs a coroutine on an event loop of this thread until it is done.
template <class T>
T run(asio::awaitable<T> work) {
  asio::io_context context;
  auto result = asio::co_spawn(context, std::move(work), asio::use_future);
  context.run();
  return result.get();
}

TEST(WorkPoolTest, RunsElsewhereAndResumesHere) {
  WorkPool pool(2, 10);
  const auto here = std::this_thread::get_id();
  run([](WorkPool& workers, std::thread::id caller) -> asio::awaitable<void> {
    const auto elsewhere = co_await workers.run([] { return std::this_thread::get_id(); });
    EXPECT_TRUE(elsewhere.has_value());
    EXPECT_NE(elsewhere.value(), caller);
    EXPECT_EQ(std::this_thread::get_id(), caller);
  }(pool, here));
}

TEST(WorkPoolTest, PassesValuesNothingAndExceptionsOn) {
  WorkPool pool(1, 10);
  run([](WorkPool& workers) -> asio::awaitable<void> {
    auto work = [owned = std::make_unique<int>(7)]() mutable { return std::move(owned); };
    const auto moved = co_await workers.run(work);
    EXPECT_EQ(**moved, 7);
    const auto nothing = co_await workers.run([] {});
    EXPECT_TRUE(nothing.has_value());
    bool thrown = false;
    try {
      (void)co_await workers.run([]() -> int { throw std::runtime_error("no"); });
    } catch (const std::runtime_error&) {
      thrown = true;
    }
    EXPECT_TRUE(thrown);
  }(pool));
  EXPECT_EQ(pool.pending(), 0U);
}

TEST(WorkPoolTest, SaysBusyWhenFullAndRecovers) {
  WorkPool pool(1, 1);
  std::promise<void> open;
  auto gate = open.get_future().share();
  asio::io_context context;
  int done = 0;
  const auto wait = [](WorkPool& workers, std::shared_future<void> door,
                       int& count) -> asio::awaitable<void> {
    const auto result = co_await workers.run([&door] { door.wait(); });
    EXPECT_TRUE(result.has_value());
    ++count;
  };
  asio::co_spawn(context, wait(pool, gate, done), asio::detached);
  asio::co_spawn(context, wait(pool, gate, done), asio::detached);
  context.poll();
  EXPECT_EQ(pool.pending(), 2U);
  const auto attempt = [](WorkPool& workers) -> asio::awaitable<bool> {
    const auto result = co_await workers.run([] { return 1; });
    co_return result.has_value();
  };
  EXPECT_FALSE(run(attempt(pool)));
  open.set_value();
  context.restart();
  context.run();
  EXPECT_EQ(done, 2);
  EXPECT_TRUE(run(attempt(pool)));
}

TEST(WorkPoolTest, DrainsAtDestruction) {
  std::atomic<int> done = 0;
  asio::io_context context;
  {
    WorkPool pool(2, 100);
    for (int i = 0; i < 50; ++i) {
      asio::co_spawn(
          context,
          [](WorkPool& workers, std::atomic<int>& count) -> asio::awaitable<void> {
            (void)co_await workers.run([&count] { ++count; });
          }(pool, done),
          asio::detached);
    }
    context.poll();
  }
  EXPECT_EQ(done, 50);
  context.run();
}

TEST(WorkPoolTest, RefusesToBeEmpty) {
  EXPECT_THROW(WorkPool(0, 1), std::invalid_argument);
  EXPECT_THROW(WorkPool(1, 0), std::invalid_argument);
}

}  // namespace
}  // namespace onsale::http
