// Server-sent events (WHATWG HTML standard, chapter 9.2): an answer that goes on for as long as
// there is something to tell. A handler returns Response::events(source); from then on the
// connection looks at the source every now and then and sends what is new.
//
// Looking instead of being told: whatever the source reads from is anyway replaced many times a
// second, and who looks four times a second sees the newest and nothing that is out of date
// already. It also bounds what a stream costs, whatever happens behind it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace onsale::http {

/// One event, worded as it is sent. Copies share the text, so that thousands of streams that tell
/// the same keep it once. Any thread.
class Event {
 public:
  /// `id` comes back as Last-Event-ID when the client connects again; with an empty one the client
  /// keeps the id it had. Line breaks and NUL in `id` and `name` become spaces; lines of `data`
  /// arrive as lines.
  Event(std::string_view id, std::string_view name, std::string_view data);

  /// The fields and the empty line that ends them.
  [[nodiscard]] const std::shared_ptr<const std::string>& text() const { return text_; }

 private:
  std::shared_ptr<const std::string> text_;
};

/// What a stream tells. All calls come from the one thread of the connection, which other
/// connections wait for: microseconds, and no waiting for locks held for long. A source must not
/// refer to the request it was made for. If a call throws, the connection is cut.
class EventSource {
 public:
  virtual ~EventSource() = default;

  /// What is new since the last call, if anything; never called again once `over`.
  virtual std::optional<Event> next() = 0;

  /// Nothing will ever come again: the stream ends after what next() gave. A client comes back
  /// after `retry` all the same, unless it is answered 204 then.
  [[nodiscard]] virtual bool over() const = 0;

  /// The client's machine has acknowledged all that was sent so far, events and heartbeats. Called
  /// at the look that finds it so.
  virtual void heard() {}
};

struct EventStreamOptions {
  /// Between two looks at the source; a hundredth of a second to a whole one.
  std::chrono::milliseconds interval{250};
  /// After so long without an event a comment is sent, so that nobody on the way takes the silence
  /// for an end, and a client that vanished without a word is noticed.
  std::chrono::milliseconds heartbeat{15'000};
  /// How long a client waits before it connects again.
  std::chrono::milliseconds retry{2'000};
};

/// The body of an answer that is a stream.
struct EventStream {
  std::unique_ptr<EventSource> source;
  EventStreamOptions options;
};

}  // namespace onsale::http
