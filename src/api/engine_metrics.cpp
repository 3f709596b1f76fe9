#include "api/engine_metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <vector>

namespace onsale::api {
namespace {

using Families = std::vector<prometheus::MetricFamily>;

prometheus::MetricFamily counter(std::string name, std::string help, double value) {
  prometheus::ClientMetric metric;
  metric.counter.value = value;
  return {std::move(name), std::move(help), prometheus::MetricType::Counter, {metric}};
}

prometheus::MetricFamily gauge(std::string name, std::string help, double value) {
  prometheus::ClientMetric metric;
  metric.gauge.value = value;
  return {std::move(name), std::move(help), prometheus::MetricType::Gauge, {metric}};
}

void add_committer(Families& families, const engine::Engine& engine) {
  const engine::CommitterStats stats = engine.stats();
  const auto count = [](std::uint64_t n) { return static_cast<double>(n); };
  families.push_back(counter("onsale_batches_total", "Batches committed.", count(stats.batches)));
  families.push_back(counter("onsale_commands_total", "Commands decided.", count(stats.commands)));
  families.push_back(counter("onsale_commands_overloaded_total",
                             "Commands refused because the queue was full.",
                             count(stats.refused_overloaded)));
  families.push_back(counter("onsale_batches_failed_total", "Batches the store did not take.",
                             count(stats.failed_batches)));
  families.push_back(
      counter("onsale_commit_seconds_total", "Time spent committing.", stats.commit_seconds));
  families.push_back(gauge("onsale_queue_length", "Commands waiting for a batch.",
                           static_cast<double>(stats.queue_length)));
  families.push_back(gauge("onsale_store_writable", "1 while the store takes writes.",
                           engine.trouble().empty() ? 1 : 0));
  const std::chrono::duration<double> behind = engine.views_behind();
  families.push_back(gauge("onsale_views_behind_seconds",
                           "How long what is shown has not been all that was committed.",
                           behind.count()));
  families.push_back(gauge("onsale_due_left_alone",
                           "What is due and cannot be done, since it breaks a guard.",
                           static_cast<double>(engine.left_alone())));
  if (const auto ahead = engine.machine_ahead()) {
    families.push_back(gauge("onsale_clock_ahead_seconds",
                             "How far this machine's clock is ahead of the database's.",
                             std::chrono::duration<double>(*ahead).count()));
  }
}

void add_store(Families& families, const store::Condition& store) {
  if (!store.log) return;
  families.push_back(gauge("onsale_wal_bytes",
                           "What is in use of the write-ahead log; it is begun anew when all of it "
                           "was copied into the database's file.",
                           static_cast<double>(store.log->bytes)));
  families.push_back(gauge("onsale_checkpoint_failing",
                           "1 while the write-ahead log cannot be copied into the file.",
                           store.log->copying_fails ? 1 : 0));
  families.push_back(counter("onsale_checkpoint_failures_total",
                             "How often copying the write-ahead log has failed.",
                             static_cast<double>(store.log->failures)));
}

void add_rooms(Families& families, const engine::Engine& engine) {
  prometheus::MetricFamily waiting{
      "onsale_visitors_waiting", "Visitors who wait, by room.", prometheus::MetricType::Gauge, {}};
  prometheus::MetricFamily active{
      "onsale_visitors_active", "Active sessions, by room.", prometheus::MetricType::Gauge, {}};
  const auto catalogue = engine.views().catalogue();
  for (const auto& [id, row] : catalogue->rooms) {
    const auto room = engine.views().room(id);
    if (!room) continue;
    const engine::RoomView now = room->room(engine.now());
    prometheus::ClientMetric metric;
    metric.label.push_back({"room", std::to_string(id.value)});
    metric.gauge.value = static_cast<double>(now.waiting);
    waiting.metric.push_back(metric);
    metric.gauge.value = static_cast<double>(now.active);
    active.metric.push_back(metric);
  }
  families.push_back(std::move(waiting));
  families.push_back(std::move(active));
}

}  // namespace

std::string engine_metrics(const engine::Engine& engine, const store::Condition& store) {
  Families families;
  add_committer(families, engine);
  add_store(families, store);
  add_rooms(families, engine);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace onsale::api
