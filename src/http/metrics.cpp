#include "http/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>

namespace onsale::http {

namespace {

/// From what a view in memory takes to what nobody should have to wait.
const prometheus::Histogram::BucketBoundaries& latency_buckets() {
  static const prometheus::Histogram::BucketBoundaries buckets{
      0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
      0.025,   0.05,   0.1,     0.25,   0.5,   1.0,    2.5,   5.0};
  return buckets;
}

}  // namespace

void RouteMetrics::record(int status, std::chrono::steady_clock::duration took) {
  const int status_class = std::clamp(status / 100, 1, 5);
  by_class_[static_cast<std::size_t>(status_class - 1)]->Increment();
  latency_->Observe(std::chrono::duration<double>(took).count());
}

Metrics::Metrics()
    : requests_(&prometheus::BuildCounter()
                     .Name("onsale_http_requests_total")
                     .Help("Requests answered, by route, method and class of status.")
                     .Register(registry_)),
      latency_(&prometheus::BuildHistogram()
                    .Name("onsale_http_request_seconds")
                    .Help("Time from the complete request to its answer, by route and method.")
                    .Register(registry_)),
      refused_(&prometheus::BuildCounter()
                    .Name("onsale_http_refused_total")
                    .Help("Requests and connections refused before any route saw them, by reason.")
                    .Register(registry_)),
      open_connections_(&prometheus::BuildGauge()
                             .Name("onsale_http_open_connections")
                             .Help("Connections that are open now.")
                             .Register(registry_)
                             .Add({})),
      streams_open_(&prometheus::BuildGauge()
                         .Name("onsale_http_streams_open")
                         .Help("Streams of events that are open now.")
                         .Register(registry_)
                         .Add({})) {}

RouteMetrics& Metrics::route(std::string_view pattern, std::string_view method) {
  const prometheus::Labels labels{{"route", std::string(pattern)}, {"method", std::string(method)}};
  RouteMetrics& added = routes_.emplace_back();
  for (std::size_t i = 0; i < added.by_class_.size(); ++i) {
    prometheus::Labels with_status = labels;
    with_status.emplace("status", std::to_string(i + 1) + "xx");
    added.by_class_[i] = &requests_->Add(with_status);
  }
  added.latency_ = &latency_->Add(labels, latency_buckets());
  return added;
}

prometheus::Counter& Metrics::refused(std::string_view reason) {
  return refused_->Add({{"reason", std::string(reason)}});
}

std::string Metrics::serialize() const {
  return prometheus::TextSerializer().Serialize(registry_.Collect());
}

}  // namespace onsale::http
