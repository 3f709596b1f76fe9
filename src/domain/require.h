// Assertions that stay on in production. What fails here is a bug in the program, never a
// user's mistake: the batch it happens in is abandoned and nothing of it is written.
#pragma once

#include <source_location>
#include <stdexcept>
#include <string>

namespace onsale::domain {

/// Thrown by require(); one outer catch in the engine abandons the batch.
class BrokenInvariant : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

inline void require(bool holds, const char* what,
                    std::source_location where = std::source_location::current()) {
  if (holds) [[likely]]
    return;
  throw BrokenInvariant(std::string(what) + " (" + where.file_name() + ":" +
                        std::to_string(where.line()) + ")");
}

}  // namespace onsale::domain
