#include "api/v1/routes.h"

namespace onsale::api {

void add_v1_routes(http::Router& router, Services& services) {
  http::RouteGroup& v1 = router.group({.prefix = "/v1"});
  v1::add_identity_routes(v1, services);
  v1::add_catalogue_routes(v1, services);
  v1::add_seat_routes(v1, services);
  v1::add_room_routes(v1, services);
  v1::add_waiting_room_routes(v1, services);
  v1::add_stream_routes(v1, services);
  v1::add_reservation_routes(v1, services);
  v1::add_wallet_routes(v1, services);
  v1::add_ticket_routes(v1, services);
  v1::add_organiser_routes(v1, services);
}

}  // namespace onsale::api
