#include "tools/lab/lab.h"

#include <arpa/inet.h>

#include <charconv>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "src/base/log.h"
#include "tools/lab/control.h"
#include "tools/lab/credentials.h"
#include "tools/lab/socket.h"

namespace spillway::lab {
namespace {

template <class T>
std::optional<T> Number(const std::string& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// DNS answers from Avi: it is left out with it.
bool LeaveOut(WorldOptions& world, const std::string& part) {
  if (part == "kubernetes") {
    world.kubernetes.fill(false);
    return true;
  }
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    if (part != "k8s-" + std::string(kSites.at(site).key)) continue;
    world.kubernetes.at(site) = false;
    return true;
  }
  if (part != "avi" && part != "dns" && part != "clients") return false;
  if (part == "clients") world.clients = false;
  if (part != "clients") world.dns = false;
  if (part == "avi") world.avi = false;
  return true;
}

// "10.0.0.1:53"
bool AddNameServer(WorldOptions& world, const std::string& value) {
  constexpr int kPortMost = 65535;
  const std::size_t colon = value.find(':');
  if (colon == std::string::npos) return false;
  const std::string ip = value.substr(0, colon);
  const std::optional<int> port = Number<int>(value.substr(colon + 1));
  in_addr parsed{};
  if (inet_pton(AF_INET, ip.c_str(), &parsed) != 1 || !port || *port < 1 || *port > kPortMost) return false;
  world.name_servers.push_back({ip, *port});
  return true;
}

// "us=10.0.0.1"
bool SetAddress(WorldOptions& world, const std::string& value) {
  const std::size_t equals = value.find('=');
  in_addr parsed{};
  if (equals == std::string::npos || inet_pton(AF_INET, value.c_str() + equals + 1, &parsed) != 1) return false;
  for (std::size_t site = 0; site < kSites.size(); ++site) {
    if (value.substr(0, equals) != kSites.at(site).key) continue;
    world.addresses.at(site) = value.substr(equals + 1);
    return true;
  }
  return false;
}

// A port that is free now, for a program that starts later.
int FreePort() {
  const Result<Socket> socket = Listen(Protocol::kTcp, "127.0.0.1", 0);
  return socket ? LocalPort(*socket) : 0;
}

}  // namespace

Result<LabOptions> ParseArguments(const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments.front() != "up") return Error{Code::kRejected, "the command is: up"};
  LabOptions options;
  for (std::size_t i = 1; i < arguments.size(); i += 2) {
    const std::string& name = arguments[i];
    if (i + 1 == arguments.size()) return Error{Code::kRejected, name + ": a value is missing"};
    const std::string& value = arguments[i + 1];
    if (name == "--dir") {
      options.dir = std::filesystem::absolute(value).lexically_normal().string();
    } else if (name == "--seed") {
      const std::optional<std::uint64_t> seed = Number<std::uint64_t>(value);
      if (!seed) return Error{Code::kRejected, "--seed: a whole number, 0 or more"};
      options.world.seed = *seed;
    } else if (name == "--port-base") {
      const std::optional<int> base = Number<int>(value);
      if (!base || *base < 1024 || *base > 65'000) return Error{Code::kRejected, "--port-base: 1024 to 65000"};
      options.world.port_base = *base;
    } else if (name == "--without") {
      if (!LeaveOut(options.world, value)) {
        return Error{Code::kRejected, "--without: kubernetes, k8s-us, k8s-eu, avi, dns or clients"};
      }
    } else if (name == "--name-server") {
      if (!AddNameServer(options.world, value)) return Error{Code::kRejected, "--name-server: IP:PORT, of IPv4"};
    } else if (name == "--address") {
      if (!SetAddress(options.world, value)) return Error{Code::kRejected, "--address: us=IP or eu=IP, of IPv4"};
    } else {
      return Error{Code::kRejected, name + ": unknown"};
    }
  }
  if (options.dir.empty()) return Error{Code::kRejected, "--dir is missing"};
  if (options.world.clients && !options.world.dns && options.world.name_servers.empty()) {
    Log(LogLevel::kWarn, "no crowd: the DNS is left out, and no --name-server says whom to ask instead");
    options.world.clients = false;
  }
  return options;
}

Result<std::unique_ptr<Lab>> Lab::Start(const LabOptions& options, const Clock& clock) {
  const Result<Credentials> credentials =
      MakeCredentials(clock.WallNow(), {options.world.addresses.begin(), options.world.addresses.end()});
  if (!credentials) return credentials.error();
  std::unique_ptr<Lab> lab(new Lab());
  Result<std::unique_ptr<World>> world = World::Start(options.world, *credentials, clock);
  if (!world) return world.error();
  lab->world_ = std::move(*world);

  ServerOptions control;
  control.host = options.world.addresses[kHome];
  control.port = options.world.port_base;
  Result<std::unique_ptr<HttpServer>> server = HttpServer::Start(
      control, [raw = lab->world_.get()](const ServerRequest& request) { return AnswerControl(*raw, request); });
  if (!server) return server.error();
  lab->control_ = std::move(*server);

  const bool any = options.world.port_base == 0;
  const int listen_port = any ? FreePort() : options.world.port_base + 8;
  const int second_port = any ? FreePort() : options.world.port_base + 11;
  lab->facts_ = {options.dir, options.world, lab->world_->ports(), lab->control_->port(), listen_port, second_port};
  if (Status written = WriteDirectory(lab->facts_, *credentials); !written) return written.error();
  return lab;
}

}  // namespace spillway::lab
