#include "http/open_streams.h"

#include <algorithm>

namespace onsale::http {

OpenStreams::OpenStreams(asio::io_context& context, const ServerConfig& config, Metrics* metrics,
                         std::function<void()> ended)
    : timer_(context), config_(config), metrics_(metrics), ended_(std::move(ended)) {}

void OpenStreams::open(StreamStart start) {
  const auto stream = std::make_shared<OpenStream>(*this, std::move(start));
  const auto now = Clock::now();
  ++open_;
  if (metrics_) metrics_->streams_open().Increment();
  look_later(*stream, now);
  stream->begin(now);
  if (draining_) stream->drain();
}

void OpenStreams::drain() {
  draining_ = true;
  for (Slot& slot : slots_) {
    while (!slot.empty()) slot.front().shared_from_this()->drain();
  }
}

void OpenStreams::count_end() {
  if (metrics_) metrics_->streams_open().Decrement();
  if (--open_ == 0) {
    timer_.cancel();
    armed_for_ = kNever;
  }
  ended_();
}

std::size_t OpenStreams::slot_at(Clock::time_point time) const {
  return static_cast<std::size_t>((time - start_) / kSlotTime);
}

void OpenStreams::look_later(OpenStream& stream, Clock::time_point now) {
  const auto slots = static_cast<std::size_t>(stream.interval() / kSlotTime);
  const std::size_t due = slot_at(now) + std::clamp<std::size_t>(slots, 1, kSlots - 1);
  slots_[due % kSlots].push_back(stream);
  if (due < armed_for_) arm(due);
}

void OpenStreams::arm(std::size_t due) {
  armed_for_ = due;
  timer_.expires_at(start_ + due * kSlotTime);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) turn();
  });
}

/// Looks at the streams of all slots whose time has come, those of a slot that was missed once.
void OpenStreams::turn() {
  const auto now = Clock::now();
  const std::size_t until = slot_at(now);
  armed_for_ = 0;  // nothing is armed on the way, the next one below
  turned_ = std::max(turned_, until - std::min(until, kSlots));
  while (turned_ < until) look_at(slots_[++turned_ % kSlots], now);
  armed_for_ = kNever;
  for (std::size_t due = turned_ + 1; due < turned_ + kSlots; ++due) {
    if (!slots_[due % kSlots].empty()) return arm(due);
  }
}

void OpenStreams::look_at(Slot& slot, Clock::time_point now) {
  Slot now_due;
  now_due.splice(now_due.end(), slot);
  while (!now_due.empty()) {
    const auto stream = now_due.front().shared_from_this();  // a look may end it
    now_due.pop_front();
    look_later(*stream, now);
    stream->look(now);
  }
}

}  // namespace onsale::http
