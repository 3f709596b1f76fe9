// Keeps the views up with the store: asks the journal again and again what other nodes have
// committed, also while nothing is written here, and reads everything anew when the views may have
// missed something. And the store's clock, by which all nodes go.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "engine/store_clock.h"
#include "engine/views/views.h"
#include "store/store.h"

namespace onsale::engine {

class Follower {
 public:
  /// Begins at once. `views` and `clock` must outlive it; `reader` is its own.
  Follower(Views& views, StoreClock& clock, std::unique_ptr<store::Reader> reader,
           Views::Writers writers);
  /// Ends when a question that is on its way has been answered.
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  /// Empty while the store can be read; else why not.
  [[nodiscard]] std::string trouble() const;

 private:
  void run();
  void note(const std::string& trouble);

  Views& views_;
  StoreClock& clock_;
  std::unique_ptr<store::Reader> reader_;
  const std::chrono::milliseconds asked_every_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::string trouble_;
  std::thread thread_;
};

}  // namespace onsale::engine
