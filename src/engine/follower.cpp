#include "engine/follower.h"

#include <spdlog/spdlog.h>

#include <chrono>

namespace onsale::engine {
namespace {

/// What another node did is to show within 100 ms.
constexpr std::chrono::milliseconds asked_every_shared{20};
/// Where nobody else writes, views are behind only after something went wrong.
constexpr std::chrono::milliseconds asked_every_alone{100};

}  // namespace

Follower::Follower(Views& views, StoreClock& clock, std::unique_ptr<store::Reader> reader,
                   Views::Writers writers)
    : views_(views),
      clock_(clock),
      reader_(std::move(reader)),
      asked_every_(writers == Views::Writers::others_too ? asked_every_shared : asked_every_alone),
      thread_([this] { run(); }) {}

Follower::~Follower() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    wake_.notify_one();
  }
  thread_.join();
}

std::string Follower::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

void Follower::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, asked_every_, [this] { return ending_; })) {
    lock.unlock();
    const auto done = views_.catch_up(*reader_);
    clock_.measure(*reader_);
    lock.lock();
    note(done ? "" : done.error().message);
  }
}

void Follower::note(const std::string& trouble) {
  if (trouble == trouble_) return;
  views_.hearing().set_blind(!trouble.empty());
  if (trouble.empty()) {
    spdlog::info("what has been committed is shown again");
  } else {
    spdlog::error("what has been committed is not shown: {}", trouble);
  }
  trouble_ = trouble;
}

}  // namespace onsale::engine
