// A small box office with a bit of everything in it, for tests that look at whole tables.
#pragma once

#include "tests/support/tables.h"

namespace onsale::testing {

/// A small box office after a morning of everything:
///   reservation 1  fan1, A-1 and A-2, paid; transfers 2 and 3, tickets 1 and 2
///   reservation 2  fan2, A-3, written down as expired
///   reservation 3  fan2, A-4 and A-5, canceled
///   reservation 4  fan2, A-5, held past its time; seat taken over by
///   reservation 5  fan3, A-5, held
/// Visitors 1 (fan1) completed, 2 (fan2) expired, 3 (fan3) active, 4 and 5 waiting.
Tables morning();

}  // namespace onsale::testing
