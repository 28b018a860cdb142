#include "k8s/kubeconfig.h"

#include <yaml-cpp/yaml.h>

#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

#include "k8s/base64.h"
#include "k8s/server_url.h"
#include "k8s/token.h"
#include "src/base/join.h"

namespace spillway::k8s {
namespace {

// Where the service account's files are.
// Source: kubernetes/client-go rest/config.go, InClusterConfig.
constexpr const char* kServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount/";

struct Refused {
  std::string_view key;
  std::string_view why;
};

constexpr Refused kRefusedOfCluster[] = {
    {"proxy-url", "proxies are not supported; give the API server's own address as server"},
};
constexpr Refused kRefusedOfUser[] = {
    {"username", "basic authentication is refused; use a client certificate, token or tokenFile"},
    {"password", "basic authentication is refused; use a client certificate, token or tokenFile"},
    {"auth-provider", "Kubernetes itself has removed auth-provider; use a client certificate, token or tokenFile"},
    {"exec",
     "credential plug-ins are not supported; use a client certificate, or tokenFile with a service account's"
     " token"},
    {"as", "impersonation is not supported; give Spillway an identity of its own"},
    {"as-uid", "impersonation is not supported; give Spillway an identity of its own"},
    {"as-groups", "impersonation is not supported; give Spillway an identity of its own"},
    {"as-user-extra", "impersonation is not supported; give Spillway an identity of its own"},
};

// One mapping of the file, with the words that lead to it: "clusters[us].cluster". The first mistake that any section
// finds is kept in `mistake`; reading goes on with what is left, so that no step has to look for it.
class Section {
 public:
  Section(const std::string& file, std::optional<Error>& mistake, std::string at, const YAML::Node& node)
      : file_(file), mistake_(mistake), at_(std::move(at)), node_(node) {
    if (node_.IsDefined() && !node_.IsNull() && !node_.IsMap()) Refuse("", "must be a mapping");
  }

  void Refuse(std::string_view key, std::string_view what, Code code = Code::kRejected) const {
    if (mistake_) return;
    std::string where = at_;
    if (!where.empty() && !key.empty()) where += '.';
    where += key;
    mistake_ = Error{code, file_ + ": " + (where.empty() ? "" : where + ": ") + std::string(what)};
  }

  bool Has(std::string_view key) const {
    const YAML::Node value = Value(key);
    return value.IsDefined() && !value.IsNull();
  }

  // Empty: absent.
  std::string Text(std::string_view key) const {
    if (!Has(key)) return {};
    const YAML::Node value = Value(key);
    if (value.IsScalar()) return value.Scalar();
    Refuse(key, "must be text");
    return {};
  }

  void RefuseAll(const auto& refused) const {
    for (const Refused& one : refused) {
      if (Has(one.key)) Refuse(one.key, one.why);
    }
  }

  // The mapping `inner` of the entry of the list `list` that bears `name`.
  Section Named(std::string_view list, std::string_view inner, const std::string& name) const {
    std::string known;
    const YAML::Node entries = Value(list);
    for (std::size_t i = 0; entries.IsDefined() && entries.IsSequence() && i < entries.size(); ++i) {
      const Section entry = Below(std::string(list) + "[" + std::to_string(i) + "]", entries[i]);
      const std::string entry_name = entry.Text("name");
      if (entry_name == name)
        return Below(std::string(list) + "[" + name + "]." + std::string(inner), entry.Value(inner));
      Join(known, entry_name, ", ");
    }
    Refuse(list, "there is none named \"" + name + "\"" + (known.empty() ? "" : "; there is: " + known));
    return Below("", YAML::Node());
  }

  const std::string& file() const { return file_; }

 private:
  Section Below(std::string at, const YAML::Node& node) const { return {file_, mistake_, std::move(at), node}; }

  YAML::Node Value(std::string_view key) const {
    if (!node_.IsDefined() || !node_.IsMap()) return {};
    const YAML::Node value = node_[std::string(key)];  // const, so it does not insert
    return value.IsDefined() ? value : YAML::Node();
  }

  const std::string& file_;
  std::optional<Error>& mistake_;
  std::string at_;
  const YAML::Node node_;
};

// A path as the kubeconfig gives it, seen from the kubeconfig's folder.
std::string Resolve(const std::string& file, const std::string& path) {
  if (!path.empty() && path.front() == '/') return path;
  const std::size_t slash = file.rfind('/');
  return slash == std::string::npos ? path : file.substr(0, slash + 1) + path;
}

// The PEM text of `key`-data, else of the file that `key` names; empty: neither is there.
std::string Pem(const Section& section, const std::string& key, const FileReader& read_file) {
  std::string pem;
  std::string from = key + "-data";
  if (section.Has(from)) {
    const std::optional<std::string> decoded = DecodeBase64(section.Text(from));
    if (!decoded) section.Refuse(from, "is not base64");
    pem = decoded.value_or("");
  } else if (section.Has(key)) {
    from = key;
    const Result<std::string> content = read_file(Resolve(section.file(), section.Text(key)));
    if (content) {
      pem = *content;
    } else {
      section.Refuse(key, content.error().what, content.error().code);
    }
  } else {
    return {};
  }
  if (pem.find("-----BEGIN ") == std::string::npos) section.Refuse(from, "holds no PEM text");
  return pem;
}

void ReadClusterSection(const Section& cluster, const FileReader& read_file, ClusterAccess& access) {
  cluster.RefuseAll(kRefusedOfCluster);
  const std::string insecure = cluster.Text("insecure-skip-tls-verify");
  if (!insecure.empty() && insecure != "false") {
    cluster.Refuse("insecure-skip-tls-verify",
                   "is refused, TLS is always verified; give the cluster's CA as certificate-authority-data");
  }
  const std::string server = cluster.Text("server");
  if (server.empty()) cluster.Refuse("server", "is missing");
  if (const Status read = ReadServerUrl(server, access); !read) cluster.Refuse("server", read.error().what);
  access.endpoint.ca_pem = Pem(cluster, "certificate-authority", read_file);
  access.endpoint.server_name = cluster.Text("tls-server-name");
}

void ReadUserSection(const Section& user, const FileReader& read_file, ClusterAccess& access) {
  user.RefuseAll(kRefusedOfUser);
  access.endpoint.client_cert_pem = Pem(user, "client-certificate", read_file);
  access.endpoint.client_key_pem = Pem(user, "client-key", read_file);
  if (access.endpoint.client_cert_pem.empty() != access.endpoint.client_key_pem.empty()) {
    const bool no_key = access.endpoint.client_key_pem.empty();
    user.Refuse(no_key ? "client-key" : "client-certificate", "is missing: a certificate and its key go together");
  }
  const std::string token = user.Text("token");
  const std::string token_file = user.Text("tokenFile");
  if (!token_file.empty()) {
    access.read_token = TokenFromFile(Resolve(user.file(), token_file), token, read_file);
  } else if (!token.empty()) {
    const Result<std::string> clean = CleanToken(token);
    if (!clean) return user.Refuse("token", clean.error().what);
    access.read_token = [clean = *clean]() -> Result<std::string> { return clean; };
  }
}

Result<ClusterAccess> Read(const std::string& path, const std::string& content, const std::string& wanted_context,
                           const FileReader& read_file) {
  std::optional<Error> mistake;
  const Section root(path, mistake, "", YAML::Load(content));
  const std::string name = wanted_context.empty() ? root.Text("current-context") : wanted_context;
  if (name.empty()) root.Refuse("current-context", "is missing, and no context was asked for");
  const Section context = root.Named("contexts", "context", name);
  ClusterAccess access;
  const std::string cluster = context.Text("cluster");
  if (cluster.empty()) context.Refuse("cluster", "is missing");
  ReadClusterSection(root.Named("clusters", "cluster", cluster), read_file, access);
  const std::string user = context.Text("user");
  if (!user.empty()) ReadUserSection(root.Named("users", "user", user), read_file, access);
  const std::string in_namespace = context.Text("namespace");
  if (!in_namespace.empty()) access.default_namespace = in_namespace;
  if (mistake) return *mistake;
  return access;
}

}  // namespace

Result<ClusterAccess> AccessFromKubeconfig(const std::string& path, const std::string& context,
                                           const FileReader& read_file) {
  const Result<std::string> content = read_file(path);
  if (!content) return content.error();
  try {
    return Read(path, *content, context, read_file);
  } catch (const YAML::Exception& e) {
    return Error{Code::kRejected, path + ":" + std::to_string(e.mark.line + 1) + ": not YAML: " + e.msg};
  }
}

Result<ClusterAccess> AccessInCluster(const Environment& environment, const FileReader& read_file) {
  const auto host = environment("KUBERNETES_SERVICE_HOST");
  const auto port = environment("KUBERNETES_SERVICE_PORT");
  if (!host || host->empty() || !port || port->empty()) {
    return Error{Code::kMissing,
                 "not inside a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; give a"
                 " kubeconfig instead of inCluster"};
  }
  ClusterAccess access;
  const bool v6 = host->find(':') != std::string::npos;
  const std::string url = "https://" + (v6 ? "[" + *host + "]" : *host) + ":" + *port;
  if (const Status read = ReadServerUrl(url, access); !read) return read.error();

  const std::string folder = kServiceAccount;
  Result<std::string> ca = read_file(folder + "ca.crt");
  if (!ca) return ca.error();
  if (ca->find("-----BEGIN ") == std::string::npos) {
    return Error{Code::kRejected, folder + "ca.crt: holds no PEM text"};
  }
  access.endpoint.ca_pem = *std::move(ca);
  access.read_token = TokenFromFile(folder + "token", "", read_file);
  if (const Result<std::string> token = access.read_token(); !token) return token.error();
  const Result<std::string> in_namespace = read_file(folder + "namespace");
  if (in_namespace && !in_namespace->empty()) {
    access.default_namespace = in_namespace->substr(0, in_namespace->find_first_of(" \r\n\t"));
  }
  return access;
}

}  // namespace spillway::k8s
