// What a box office may refuse, each with its page under /problems/. The protocol's own
// problems are in http/problem.h.
#pragma once

#include "http/problem.h"

namespace onsale::api::problems {

using http::ProblemType;

inline constexpr ProblemType insufficient_funds{
    "insufficient-funds", 402, "The wallet's balance does not cover it",
    "Charge the wallet and try again. `balance` is what is there, `required` what it takes; with "
    "`canceled` the hold was given up, as the request asked, and the seats are on sale again."};
inline constexpr ProblemType not_admitted{
    "not-admitted", 403, "Not admitted yet",
    "Holding seats needs an active session in the event's waiting room (`room_id`). `position` is "
    "the place in line, or null for someone who has not entered: POST "
    "/v1/waiting-rooms/{room_id}/visitors."};
inline constexpr ProblemType proof_of_work_required{
    "proof-of-work-required", 403, "Some work first",
    "Entering this room takes a proof of work after the ALTCHA protocol. The problem is the "
    "challenge: find the number, from 0 to `maxnumber`, for which the SHA-256 of `salt` and the "
    "number is `challenge`, and enter with `altcha`. `reason` says what was wrong with the "
    "solution: missing, malformed, wrong, other-room, other-user, too-easy, expired or used."};
inline constexpr ProblemType user_not_found{"user-not-found", 404, "There is no such user",
                                            "Nobody has this number."};
inline constexpr ProblemType room_closed{"room-closed", 409, "The waiting room is closed",
                                         "Nobody new is let into the line any more."};
inline constexpr ProblemType room_conflict{
    "room-conflict", 409, "The room does not allow that now",
    "A draw forbids it: `field` says what cannot be changed, `detail` why."};
inline constexpr ProblemType email_taken{"email-taken", 409, "The address is in use",
                                         "There is an account with this address. Sign in instead."};
inline constexpr ProblemType seat_taken{
    "seat-taken", 409, "Somebody was faster",
    "At least one seat is held or sold. `seat_ids` lists them; none of the seats asked for is "
    "held."};
inline constexpr ProblemType seat_limit{
    "seat-limit", 409, "Too many seats",
    "`seats_max` is how many seats one person may hold and own of this event."};
inline constexpr ProblemType sale_not_open{"sale-not-open", 409, "Not on sale yet",
                                           "`opens_at` says when the sale opens."};
inline constexpr ProblemType sale_closed{"sale-closed", 409, "No longer on sale",
                                         "The sale of a performance asked for has ended."};
inline constexpr ProblemType already_paid{"already-paid", 409, "Paid already",
                                          "The reservation is paid; nothing was charged again."};
inline constexpr ProblemType has_seats{"has-seats", 409, "The performance has its seats",
                                       "A seating plan can be given to a performance once."};
inline constexpr ProblemType balance_limit{"balance-limit", 409, "The balance would be too high",
                                           "`balance_max` is the most a wallet can hold."};
inline constexpr ProblemType request_in_flight{
    "request-in-flight", 409, "Still working on it",
    "A request with this Idempotency-Key is being executed. Ask again in a moment; nothing is "
    "done twice."};
inline constexpr ProblemType reservation_expired{
    "reservation-expired", 410, "The hold has ended",
    "The time to pay ran out, or the reservation was canceled; the seats went back on sale."};
inline constexpr ProblemType idempotency_mismatch{
    "idempotency-mismatch", 422, "The key belongs to another request",
    "This Idempotency-Key was used with a different request. Use a new key for a new request."};
inline constexpr ProblemType invalid_plan{
    "invalid-plan", 422, "The seating plan is not valid",
    "Nothing of it was imported; `errors` names the place in the file."};
inline constexpr ProblemType draining{
    "draining", 503, "The server is going down",
    "It takes no new work. Another one answers, or this one when it is back."};
inline constexpr ProblemType store_unavailable{
    "store-unavailable", 503, "Nothing can be written at the moment",
    "The database does not take or give data right now. Nothing was done and nothing is lost; try "
    "again later."};

}  // namespace onsale::api::problems
