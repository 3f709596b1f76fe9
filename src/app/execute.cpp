#include "app/execute.h"

namespace onsale::app {

std::string words_of(engine::Refusal refusal, const engine::Engine& engine) {
  using engine::Refusal;
  switch (refusal) {
    case Refusal::overloaded:
      return "too many commands are waiting already";
    case Refusal::draining:
      return "the program is ending";
    case Refusal::unavailable: {
      const std::string trouble = engine.trouble();
      return trouble.empty() ? "the database takes no writes at the moment" : trouble;
    }
    case Refusal::key_in_flight:
    case Refusal::key_mismatch:
    case Refusal::internal:
      break;
  }
  return "an internal error, which was logged; nothing was written";
}

}  // namespace onsale::app
