#include "http/openapi.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <map>

#include "http/router.h"

namespace onsale::http {

namespace json = boost::json;

namespace detail {

void describe_rule(json::object& schema, const Rule& rule) {
  if (!rule.text.empty()) schema["description"] = rule.text;
  if (!rule.sample.empty()) schema["examples"] = {rule.sample};
}

void describe_number(json::object& schema, const Rule& rule) {
  if (rule.min_value != Rule().min_value) schema["minimum"] = rule.min_value;
  if (rule.max_value != Rule().max_value) schema["maximum"] = rule.max_value;
}

void describe_string(json::object& schema, const Rule& rule) {
  if (rule.is_email) schema["format"] = "email";
  if (rule.length_min > 0) schema["minLength"] = rule.length_min;
  if (rule.length_max != Rule::kNoLimit) schema["maxLength"] = rule.length_max;
}

void describe_array(json::object& schema, const Rule& rule) {
  if (rule.items_min > 0) schema["minItems"] = rule.items_min;
  if (rule.items_max != Rule::kNoLimit) schema["maxItems"] = rule.items_max;
}

json::value or_null(json::value schema) {
  json::object& object = schema.as_object();
  if (object.contains("$ref")) {
    return {{"anyOf", json::array{std::move(schema), json::object{{"type", "null"}}}}};
  }
  if (auto* type = object.if_contains("type")) *type = json::array{*type, "null"};
  return schema;
}

}  // namespace detail

namespace {

bool is_name_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

void append_capitalised(std::string& out, std::string_view word) {
  if (word.empty()) return;
  out += word.front() >= 'a' && word.front() <= 'z' ? static_cast<char>(word.front() - 32)
                                                    : word.front();
  out += word.substr(1);
}

/// "ListOrder" for "onsale::api::v1::List<onsale::api::v1::Order>"; with `spaces`, "V1ListV1Order".
std::string component_name(std::string_view type, bool spaces) {
  std::string out;
  std::string_view space;  // the innermost named namespace before a name
  while (!type.empty()) {
    const auto length =
        static_cast<std::size_t>(std::ranges::find_if_not(type, is_name_char) - type.begin());
    const std::string_view word = type.substr(0, length);
    type.remove_prefix(length);
    if (type.starts_with("::")) {
      if (!word.empty()) space = word;
    } else if (!word.empty()) {
      if (spaces) append_capitalised(out, space);
      append_capitalised(out, word);
      space = {};
    }
    if (!type.empty()) type.remove_prefix(type.starts_with("::") ? 2 : 1);
    if (type.starts_with("anonymous")) type.remove_prefix(type.find('}') + 1);
  }
  return out;
}

}  // namespace

std::string Schemas::choose_name(std::string_view qualified_name) const {
  std::string name = component_name(qualified_name, false);
  if (components_.contains(name)) name = component_name(qualified_name, true);
  while (components_.contains(name)) name += '_';
  return name;
}

json::value Schemas::make_reference(const std::string& name) {
  return {{"$ref", "#/components/schemas/" + name}};
}

namespace {

using Problems = std::vector<const ProblemType*>;

std::string method_name(verb method) {
  std::string name(boost::beast::http::to_string(method));
  std::ranges::transform(name, name.begin(), [](char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  });
  return name;
}

/// "post_v1_reservations_id_payment".
std::string default_operation_id(const Route& route) {
  std::string id = method_name(route.spec.method);
  for (const char c : route.pattern) {
    if (c == '{' || c == '}') continue;
    id.push_back(c == '/' || c == '-' || c == '.' ? '_' : c);
  }
  return id;
}

json::object problem_schema() {
  const json::object field_error{
      {"type", "object"},
      {"required", {"field", "message"}},
      {"properties", {{"field", {{"type", "string"}}}, {"message", {{"type", "string"}}}}}};
  return {{"type", "object"},
          {"description", "RFC 9457 problem details; some problems have further members."},
          {"required", {"type", "title", "status"}},
          {"properties",
           {{"type", {{"type", "string"}, {"format", "uri-reference"}}},
            {"title", {{"type", "string"}}},
            {"status", {{"type", "integer"}}},
            {"detail", {{"type", "string"}}},
            {"instance", {{"type", "string"}}},
            {"errors", {{"type", "array"}, {"items", field_error}}}}}};
}

/// What a route can answer beside its success, by the kind of route it is.
Problems all_problems(const Route& route) {
  using namespace problems;
  Problems all = route.spec.problems;
  const bool bound = route.request_schema != nullptr;
  const bool body = bound && !detail::binds_query(route.spec.method);
  if (body) all.insert(all.end(), {&kMalformedJson, &kUnsupportedMediaType});
  if (body || route.raw_request) all.push_back(&kPayloadTooLarge);
  if (bound || route.spec.idempotent) all.push_back(&kInvalidRequest);
  if (route.spec.access != Access::anyone) all.push_back(&kUnauthorized);
  if (route.spec.access > Access::user) all.push_back(&kForbidden);
  if (!route.parameters.empty()) all.push_back(&kNotFound);
  all.insert(all.end(), {&kBadRequest, &kInternalError, &kOverloaded});
  return all;
}

json::object json_content(json::value schema, std::string_view example) {
  json::object content{{"schema", std::move(schema)}};
  if (!example.empty()) content["example"] = json::parse(json::string_view(example));
  return {{"application/json", std::move(content)}};
}

/// The answers of one status: the titles of the problems by slug.
json::object problem_response(const std::map<std::string_view, std::string_view>& titles) {
  std::string text;
  for (const auto& [slug, title] : titles) {
    if (!text.empty()) text += "\n\n";
    text.append("`").append(slug).append("`: ").append(title);
  }
  return {
      {"description", text},
      {"content",
       {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
}

json::object problem_responses(const Route& route) {
  std::map<int, std::map<std::string_view, std::string_view>> by_status;
  for (const ProblemType* type : all_problems(route))
    by_status[type->status][type->slug] = type->title;
  json::object responses;
  for (const auto& [status, titles] : by_status) {
    responses[std::to_string(status)] = problem_response(titles);
  }
  return responses;
}

/// Those of a group with an error form of its own: what its writer makes of each problem.
json::object worded_responses(const Route& route, Schemas& schemas) {
  Request request;
  request.route = &route;
  json::object responses;
  for (const ProblemType* type : all_problems(route)) {
    const Response worded = route.group->refuse(request, Problem(*type));
    json::value& response = responses[std::to_string(worded.status)];
    if (!response.is_null()) continue;  // the route's own problems come first
    const SchemaOf schema = route.group->spec().error_schema;
    response = {
        {"description", type->title},
        {"content", json_content(schema ? schema(schemas) : json::object(), worded.body_view())}};
  }
  return responses;
}

json::object success_response(const Route& route, Schemas& schemas) {
  json::object response{
      {"description", route.spec.summary.empty() ? "Success" : route.spec.summary}};
  if (route.reply_schema) {
    response["content"] = json_content(route.reply_schema(schemas), route.spec.reply_example);
  } else if (route.raw_reply) {
    response["content"] = {{route.spec.reply_content, json::object()}};
  }
  return response;
}

json::object path_parameter(const Route& route, const std::string& name) {
  json::object parameter{{"name", name}, {"in", "path"}, {"required", true}};
  json::object schema{{"type", "string"}};
  if (detail::is_id_name(name)) schema = {{"type", "integer"}, {"format", "int64"}, {"minimum", 1}};
  for (const PathParameter& documented : route.spec.path_parameters) {
    if (documented.name != name) continue;
    schema = {{"type", documented.type}};
    if (!documented.example.empty()) parameter["example"] = documented.example;
  }
  parameter["schema"] = std::move(schema);
  return parameter;
}

json::object header_parameter(const HeaderParameter& header) {
  return {{"name", header.name},
          {"in", "header"},
          {"required", header.required},
          {"description", header.description},
          {"schema", {{"type", "string"}}}};
}

/// The properties of the bound struct as query parameters.
void add_query_parameters(const Route& route, json::array& parameters) {
  Schemas own;
  (void)route.request_schema(own);
  const json::object& schema = own.components().begin()->value().as_object();
  const json::value* required = schema.if_contains("required");
  for (const auto& property : schema.at("properties").as_object()) {
    const json::string name(property.key());
    const bool needed = required && std::ranges::count(required->as_array(), json::value(name)) > 0;
    parameters.push_back(
        {{"name", name}, {"in", "query"}, {"required", needed}, {"schema", property.value()}});
  }
}

json::array parameters_of(const Route& route) {
  json::array parameters;
  for (const auto& name : route.parameters) parameters.push_back(path_parameter(route, name));
  if (route.request_schema && detail::binds_query(route.spec.method)) {
    add_query_parameters(route, parameters);
  }
  for (const auto& header : route.spec.headers) parameters.push_back(header_parameter(header));
  if (route.spec.idempotent) {
    auto key = header_parameter(
        {.name = "Idempotency-Key",
         .description = "A value of your choice that makes repeating this request safe: the same "
                        "key and body get the first answer again."});
    key["schema"] = {
        {"type", "string"}, {"minLength", 1}, {"maxLength", 255}, {"pattern", "^[!-~]+$"}};
    parameters.push_back(std::move(key));
  }
  return parameters;
}

json::object operation(const Route& route, Schemas& schemas) {
  const RouteSpec& spec = route.spec;
  json::object out{
      {"operationId", spec.operation_id.empty() ? default_operation_id(route) : spec.operation_id},
      {"summary", spec.summary}};
  if (!spec.description.empty()) out["description"] = spec.description;
  if (!spec.tag.empty()) out["tags"] = {spec.tag};
  if (spec.access != Access::anyone) {
    out["security"] = {{{"bearer", json::array()}}};
  } else if (!spec.bearer.empty()) {
    out["security"] = {json::object{{spec.bearer, json::array()}}};
  }
  if (auto parameters = parameters_of(route); !parameters.empty()) {
    out["parameters"] = std::move(parameters);
  }
  if (route.request_schema && !detail::binds_query(spec.method)) {
    out["requestBody"] = {
        {"required", true},
        {"content", json_content(route.request_schema(schemas), spec.request_example)}};
  } else if (route.raw_request) {
    out["requestBody"] = {{"required", true},
                          {"content", {{spec.request_content, json::object()}}}};
  }
  json::object responses{{std::to_string(spec.status), success_response(route, schemas)}};
  if (spec.status_again != 0) {
    responses[std::to_string(spec.status_again)] = success_response(route, schemas);
  }
  for (const OtherReply& reply : spec.other_replies) {
    json::object response{{"description", reply.description}};
    if (reply.schema) response["content"] = json_content(reply.schema(schemas), reply.example);
    responses[std::to_string(reply.status)] = std::move(response);
  }
  const json::object refusals =
      route.group->spec().errors ? worded_responses(route, schemas) : problem_responses(route);
  for (const auto& refusal : refusals) responses.insert(refusal);
  out["responses"] = std::move(responses);
  return out;
}

}  // namespace

json::object openapi(const Router& router, const ApiInfo& info) {
  Schemas schemas;
  json::object paths;
  json::object security{
      {"bearer", {{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}}};
  for (const auto& route : router.routes()) {
    if (!route->spec.documented || !route->group->spec().documented) continue;
    if (const std::string& own = route->spec.bearer; !own.empty()) {
      security[own] = {{"type", "http"}, {"scheme", "bearer"}};
    }
    json::value& item = paths[route->pattern];
    if (!item.is_object()) item = json::object();
    item.as_object()[method_name(route->spec.method)] = operation(*route, schemas);
  }
  json::object components = schemas.components();
  components["Problem"] = problem_schema();
  return {{"openapi", "3.1.0"},
          {"info",
           {{"title", info.title}, {"version", info.version}, {"description", info.description}}},
          {"servers", {{{"url", info.server_url}}}},
          {"paths", std::move(paths)},
          {"components",
           {{"schemas", std::move(components)}, {"securitySchemes", std::move(security)}}}};
}

}  // namespace onsale::http
