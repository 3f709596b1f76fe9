#include "engine/follower.h"

#include <spdlog/spdlog.h>

#include <chrono>

namespace onsale::engine {
namespace {

/// What another node did is to show within 100 ms.
constexpr std::chrono::milliseconds asked_every{20};

}  // namespace

Follower::Follower(Views& views, StoreClock& clock, std::unique_ptr<store::Reader> reader)
    : views_(views), clock_(clock), reader_(std::move(reader)), thread_([this] { run(); }) {}

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
  while (!wake_.wait_for(lock, asked_every, [this] { return ending_; })) {
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
    spdlog::info("what other nodes do is seen again");
  } else {
    spdlog::error("what other nodes do is not seen: {}", trouble);
  }
  trouble_ = trouble;
}

}  // namespace onsale::engine
