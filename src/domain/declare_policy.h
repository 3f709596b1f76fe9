// A server says in the journal by which defaults it decides, so that the journal alone tells what
// was allowed when: they come from a configuration, which may be another one tomorrow.
#pragma once

#include "domain/footprint.h"
#include "domain/policy.h"
#include "domain/rows.h"

namespace onsale::domain {

/// For the start of a server.
struct DeclarePolicy {};

struct DeclarePolicyOutcome {
  [[nodiscard]] bool executed() const { return true; }
};

void footprint(const DeclarePolicy& command, const Policy& policy, Footprint& need);
DeclarePolicyOutcome decide(Rows& rows, const DeclarePolicy& command, Timestamp now,
                            const Policy& policy);

}  // namespace onsale::domain
