#include <fmt/format.h>

#include "sim/rehearsal.h"

namespace onsale::sim {
namespace {

double minutes(domain::Duration span) { return static_cast<double>(span.count()) / 60'000; }

}  // namespace

double Report::capacity_lost() const {
  const double slots = audit.slot_ms > 0 ? static_cast<double>(audit.slot_ms_lost) /
                                               static_cast<double>(audit.slot_ms)
                                         : 0;
  const double admitted = static_cast<double>(audit.admitted);
  const double rate = admitted > 0 ? audit.rate_admissions_lost / admitted : 0;
  return slots + rate;
}

std::string Report::text() const {
  std::string out = fmt::format("seed {}\n", seed);
  const auto line = [&out](const char* name, auto value) {
    out += fmt::format("  {:<28}{:>14}\n", name, value);
  };
  line("people", crowd.came);
  line("visits", audit.entered);
  line("  admitted", audit.admitted);
  line("  completed", audit.completed);
  line("  expired", audit.expired);
  line("  left", audit.left);
  line("  of these revoked", audit.revoked);
  line("  still waiting", still_waiting);
  line("lost patience", crowd.lost_patience);
  line("no-shows", crowd.no_shows);
  line("turned away when closed", crowd.turned_away);
  line("came again", crowd.came_again);
  line("cut off by a crash", crowd.cut_off);
  line("holds", crowd.held);
  line("outpaced at a seat", crowd.outpaced);
  line("found it sold out", crowd.sold_out);
  line("seats bought", crowd.seats_bought);
  line("seats", seats);
  line("most waiting", audit.waiting_most);
  line("most active", audit.active_most);
  line("people waited, min", fmt::format("{:.1f}", minutes(audit.people_waited)));
  line("  for a slot, min", fmt::format("{:.1f}", minutes(audit.slots_bound)));
  line("  for the rate, min", fmt::format("{:.1f}", minutes(audit.rate_bound)));
  line("capacity lost meanwhile, %", fmt::format("{:.4f}", 100 * capacity_lost()));
  line("latest end noticed, ms", audit.latest_end.count());
  line("positions checked", audit.positions_checked);
  line("batches", batches);
  line("commands", commands);
  line("digest", fmt::format("{:016x}", audit.digest));
  line("findings", findings.size() + static_cast<std::size_t>(findings_left_out));
  for (const std::string& finding : findings) out += "  " + finding + "\n";
  return out;
}

}  // namespace onsale::sim
