// Which of several committers a command goes to. Any will do, since rows are locked; but batches of
// one waiting room wait for each other, and so they had better be one batch.
#pragma once

#include <cstdint>

#include "engine/views/views.h"

namespace onsale::engine {

/// Commands with the same value go to the same lane: by their waiting room if they name it or its
/// event, else by their user or account.
template <class Command>
std::int64_t affinity(const Command& command, const Views& views) {
  const auto of_room = [](domain::RoomId room) { return room.value; };
  if constexpr (requires { of_room(command.room); }) {
    return of_room(command.room);
  } else if constexpr (requires { views.catalogue()->event(command.event); }) {
    const auto catalogue = views.catalogue();
    const domain::Event* event = catalogue->event(command.event);
    return event ? of_room(event->room) : 0;
  } else if constexpr (requires { command.token; }) {
    const auto room = views.room_of(command.token);
    return room ? of_room(*room) : 0;
  } else if constexpr (requires { command.user.value; }) {
    return command.user.value;
  } else {
    return 0;
  }
}

}  // namespace onsale::engine
