// Keeps the views up with what other nodes commit: asks the journal again and again, also while
// nothing is written here. And the store's clock, by which all of them go.
#pragma once

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
  Follower(Views& views, StoreClock& clock, std::unique_ptr<store::Reader> reader);
  /// Ends when a question that is on its way has been answered.
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  /// Empty while the journal can be followed; else why not.
  [[nodiscard]] std::string trouble() const;

 private:
  void run();
  void note(const std::string& trouble);

  Views& views_;
  StoreClock& clock_;
  std::unique_ptr<store::Reader> reader_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::string trouble_;
  std::thread thread_;
};

}  // namespace onsale::engine
