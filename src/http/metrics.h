// What Prometheus may ask the server. One object owns the registry; every room adds its own
// families to it. Children are resolved once, when a route is registered, so that counting a
// request is a few additions and never a look-up by name.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <chrono>
#include <deque>
#include <string>
#include <string_view>

namespace onsale::http {

/// The counters of one route. Any thread.
class RouteMetrics {
 public:
  /// Counts one answer with its status and the time from complete request to answer.
  void record(int status, std::chrono::steady_clock::duration took);

 private:
  friend class Metrics;
  std::array<prometheus::Counter*, 5> by_class_{};  // 1xx .. 5xx
  prometheus::Histogram* latency_ = nullptr;
};

/// Owns the registry. Any thread; what it returns lives as long as it does.
class Metrics {
 public:
  Metrics();

  /// For families of other rooms: `prometheus::BuildCounter()...Register(metrics.registry())`.
  [[nodiscard]] prometheus::Registry& registry() { return registry_; }

  /// `onsale_http_requests_total{route,method,status}` and
  /// `onsale_http_request_seconds{route,method}`.
  RouteMetrics& route(std::string_view pattern, std::string_view method);

  /// `onsale_http_open_connections`.
  [[nodiscard]] prometheus::Gauge& open_connections() { return *open_connections_; }

  /// `onsale_http_streams_open`: those of the open connections that are streams of events.
  [[nodiscard]] prometheus::Gauge& streams_open() { return *streams_open_; }

  /// `onsale_http_refused_total{reason}`: what the server refused before any route saw it.
  [[nodiscard]] prometheus::Counter& refused(std::string_view reason);

  /// The text exposition format, for /metrics; its type is kContentType.
  [[nodiscard]] std::string serialize() const;
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>* requests_;
  prometheus::Family<prometheus::Histogram>* latency_;
  prometheus::Family<prometheus::Counter>* refused_;
  prometheus::Gauge* open_connections_;
  prometheus::Gauge* streams_open_;
  std::deque<RouteMetrics> routes_;
};

}  // namespace onsale::http
