// A few threads for work that would hold up an event loop: password hashing, reads from a store.
// Bounded: when its queue is full it says so at once, and the caller answers 503.
#pragma once

#include <atomic>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <exception>
#include <expected>
#include <memory>
#include <type_traits>
#include <utility>

namespace onsale::http {

/// The queue was full; nothing was run. Answer `overloaded()`.
struct Busy {
  bool operator==(const Busy&) const = default;
};

class WorkPool {
 public:
  /// `queue_max` bounds the jobs that wait; `threads` more may be running. Both at least 1, else
  /// std::invalid_argument.
  WorkPool(std::size_t threads, std::size_t queue_max);
  /// Runs everything that was accepted, then joins the threads. The executors of the callers must
  /// still exist, though they need not run: destroy the pool before the server.
  ~WorkPool();
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  /// Runs `work()` on the pool and resumes the caller on its own executor with what it returned, or
  /// Busy without having run it. An exception of `work` is rethrown to the caller. Any thread.
  ///
  /// Work that captures more than references and plain values must have a name, and is moved from:
  ///   auto hash = [password = std::move(body.password)] { return hash_password(password); };
  ///   const auto hashed = co_await pool.run(hash);
  /// because GCC 12 destroys such a lambda twice if it is a temporary of the co_await expression.
  template <class F>
  [[nodiscard]] auto run(F&& work) {
    using Work = std::decay_t<F>;
    static_assert(std::is_lvalue_reference_v<F> || std::is_trivially_copyable_v<Work>,
                  "give the lambda a name first, see above");
    // NOLINTNEXTLINE(bugprone-move-forwarding-reference): also what has a name, as said above
    return submit(std::make_unique<Work>(std::move(work)));
  }

  /// Jobs waiting or running.
  [[nodiscard]] std::size_t pending() const { return pending_.load(std::memory_order_relaxed); }

 private:
  template <class F>
  using ResultOf = std::expected<std::invoke_result_t<F&>, Busy>;

  template <class F>
  boost::asio::awaitable<ResultOf<F>> submit(std::unique_ptr<F> work);
  [[nodiscard]] bool reserve();

  const std::size_t pending_max_;
  std::atomic<std::size_t> pending_ = 0;
  boost::asio::thread_pool threads_;
};

template <class F>
boost::asio::awaitable<WorkPool::ResultOf<F>> WorkPool::submit(std::unique_ptr<F> work) {
  using Value = std::invoke_result_t<F&>;
  using Result = ResultOf<F>;
  if (!reserve()) co_return std::unexpected(Busy{});
  auto initiate = [this, &work](auto handler) {
    auto executor = boost::asio::get_associated_executor(handler);
    auto guard = boost::asio::make_work_guard(executor);
    auto job = [this, work = std::move(work), handler = std::move(handler),
                guard = std::move(guard)]() mutable {
      std::exception_ptr error;
      Result result = std::unexpected(Busy{});
      try {
        if constexpr (std::is_void_v<Value>) {
          (*work)();
          result = Result();
        } else {
          result = (*work)();
        }
      } catch (...) {
        error = std::current_exception();
      }
      pending_.fetch_sub(1, std::memory_order_relaxed);
      auto finish = [handler = std::move(handler), error = std::move(error),
                     result = std::move(result)]() mutable {
        std::move(handler)(std::move(error), std::move(result));
      };
      boost::asio::post(guard.get_executor(), std::move(finish));
    };
    boost::asio::post(threads_, std::move(job));
  };
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>,
                                                 void(std::exception_ptr, Result)>(
      std::move(initiate), boost::asio::use_awaitable);
}

}  // namespace onsale::http
