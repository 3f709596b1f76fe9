// Reads from the store for answers that no view has: reservations, tickets, wallets. They
// may touch a disk, so they run on a few threads of their own, each with a Reader.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <expected>
#include <memory>
#include <mutex>
#include <type_traits>
#include <vector>

#include "http/problem.h"
#include "http/work_pool.h"
#include "store/store.h"

namespace onsale::api {

/// Any thread.
class StoreReads {
 public:
  /// `store` must outlive it. `queue_max` bounds the reads that wait.
  StoreReads(store::Store& store, std::size_t threads, std::size_t queue_max)
      : store_(store), pool_(threads, queue_max) {}

  /// Runs `read(reader)`, which returns a store::Result<T>, and resumes the caller with its
  /// value; or with a 503 problem if too many reads wait or the store cannot be read.
  template <class Read>
  [[nodiscard]] auto run(Read read) -> boost::asio::awaitable<std::expected<
      typename std::invoke_result_t<Read&, store::Reader&>::value_type, http::Problem>> {
    using Found = std::invoke_result_t<Read&, store::Reader&>;
    auto reading = [this, read = std::move(read)]() mutable -> Found {
      auto reader = take();
      if (!reader) return std::unexpected(reader.error());
      Found found = read(**reader);
      give_back(std::move(*reader));
      return found;
    };
    auto done = co_await pool_.run(reading);
    if (!done) co_return std::unexpected(http::overloaded());
    if (!*done) co_return std::unexpected(unreadable(done->error()));
    co_return std::move(**done);
  }

 private:
  store::Result<std::unique_ptr<store::Reader>> take();
  void give_back(std::unique_ptr<store::Reader> reader);
  /// Logs what the store said; the client learns only that it may try again.
  static http::Problem unreadable(const store::Error& error);

  store::Store& store_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<store::Reader>> idle_;  // guarded by mutex_
  http::WorkPool pool_;                               // last: its threads use the above
};

}  // namespace onsale::api
