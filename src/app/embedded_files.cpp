#include "app/embedded_files.h"

// The assembler takes the bytes as they are, which a compiler reading a literal of a megabyte
// would take its time for. C++26's #embed will do the same.
#define ONSALE_EMBED(name, path)            \
  asm(".pushsection .rodata\n"              \
      ".global onsale_embedded_" name       \
      "\n"                                  \
      ".hidden onsale_embedded_" name       \
      "\n"                                  \
      ".global onsale_embedded_" name       \
      "_end\n"                              \
      ".hidden onsale_embedded_" name       \
      "_end\n"                              \
      "onsale_embedded_" name               \
      ":\n"                                 \
      ".incbin \"" ONSALE_DATA_DIR "/" path \
      "\"\n"                                \
      "onsale_embedded_" name               \
      "_end:\n"                             \
      ".byte 0\n"                           \
      ".popsection\n")

ONSALE_EMBED("hall_plan", "plans/hall.json");
ONSALE_EMBED("arena_plan", "plans/arena.json");

extern "C" {
extern const char onsale_embedded_hall_plan[];
extern const char onsale_embedded_hall_plan_end[];
extern const char onsale_embedded_arena_plan[];
extern const char onsale_embedded_arena_plan_end[];
}

namespace onsale::app::embedded {

std::string_view hall_plan() { return {onsale_embedded_hall_plan, onsale_embedded_hall_plan_end}; }

std::string_view arena_plan() {
  return {onsale_embedded_arena_plan, onsale_embedded_arena_plan_end};
}

}  // namespace onsale::app::embedded
