#include "tests/support/morning.h"

#include <gtest/gtest.h>

#include "tests/support/office.h"
#include "tests/support/script.h"

namespace onsale::testing {

Tables morning() {
  Script script;
  const auto mismatches = script.run(R"(
    room sessions=2 session=900s
    fan1 has 500
    at 10:00:00  fan1 enters           active
    and          fan2 enters           active
    and          fan3 enters           waiting at 1
    and          fan4 enters           waiting at 2
    and          fan5 enters           waiting at 3
    at 10:00:00  fan1 holds A-1 A-2    held until 10:05:00
    at 10:00:00  fan2 holds A-3        held until 10:05:00
    at 10:01:00  fan1 pays             paid, 300 left
    and          fan2 holds A-4 A-5    held until 10:06:00
    at 10:02:00  fan2 cancels          canceled
    and          fan3 is heard         noted
    at 10:05:00  tick
    at 10:05:00  fan2 holds A-5        held until 10:10:00
    at 10:10:00  fan3 holds A-5        held until 10:15:00
    at 10:10:01  fan2 leaves           left
    at 10:10:02  fan4 leaves           left
    at 10:10:02  fan6 enters           waiting at 1
  )",
                                     0);
  EXPECT_EQ(mismatches, std::vector<std::string>{});
  return script.office().tables();
}

}  // namespace onsale::testing
