// SIGTERM and SIGINT as something to wait for, instead of a handler that may do nothing.
#pragma once

namespace onsale::app {

/// From its construction on, the signals wait to be taken: by wait(), or never. Construct it
/// before any thread is started, since threads inherit that; one per process. It also makes the
/// process ignore SIGPIPE: a client that hangs up is an error of a write, not an end.
class StopSignal {
 public:
  StopSignal();

  /// Returns once one of the signals came, at once if it did already. After that they do again
  /// what they do by default, so that a second one ends the process.
  void wait();
};

}  // namespace onsale::app
