#include "domain/declare_policy.h"

namespace onsale::domain {

void footprint(const DeclarePolicy&, const Policy&, Footprint&) {}

DeclarePolicyOutcome decide(Rows& rows, const DeclarePolicy&, Timestamp, const Policy& policy) {
  rows.records.emplace_back(PolicyDeclared{policy});
  return {};
}

}  // namespace onsale::domain
