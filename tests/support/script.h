// Rules as tables a reader can read: one line per command with its expected outcome.
//
//     room sessions=1 claim=60s                       a scene: what the organiser has set
//     fan1 has 500
//     at 10:00:00  fan1 enters            active
//     and          fan2 enters            waiting at 1    "and": in the same batch
//     at 10:00:10  fan1 holds A-1 A-2     held until 10:05:10
//     tick 5s                                         time moves on and a tick comes by
//     and          seat A-1 is            held by fan1
//
// Columns are parted by two blanks or more; "# " begins a comment. Questions ("is") are
// answered after the batch they stand in. The scene begins with the event Show, on sale
// since 09:00:00, and its performance Fri at 23:00:00 with the seats A-1 … A-6 at 100 each.
//
//   scene     room sessions= rate= session= claim= idle= ends_on= opens= order=
//             event [NAME] hold= limit= balance=yes opens= closes=
//             performance NAME of=EVENT starts= opens= closes= seats=X-1,X-2 price=
//             FAN has AMOUNT
//   commands  FAN enters | leaves | throws out FAN | removes FAN | is heard
//             | holds SEATS [of EVENT] [as NAME] | cancels [for FAN] [#N] | charges AMOUNT | tick
//             | pays [AMOUNT] [for FAN] [#N] [or cancels] | pays all [AMOUNT] [or cancels]
//             | sets sessions= rate= session= claim= idle= opens= order= (or =default, =none)
//             | pauses | resumes | closes   (the room; whoever does so is its organiser)
//             FAN looks                         heard of, which is not written down
//             people can be heard again         and could not be before
//             signs are forgotten               those that were not written down
//   questions FAN is | number of FAN is | wallet of FAN is | tickets of FAN are
//             | hold of FAN [#N] is | name of FAN [#N] is | seat SEAT is | room is | revenue is |
//             next admission is | draw is
#pragma once

#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

namespace onsale::testing {

class Office;

class Script {
 public:
  Script();
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;
  ~Script();

  /// Runs the lines; returns what came out differently, a line each. `line` is the number
  /// of the line before the first.
  std::vector<std::string> run(std::string_view text, int line);

  [[nodiscard]] Office& office();

 private:
  class Stage;
  std::unique_ptr<Stage> stage_;
};

/// Runs a script that begins on the line of the call; each mismatch is a failure there.
void play(std::string_view script, std::source_location where = std::source_location::current());

}  // namespace onsale::testing
