using System.Net.Security;
using System.Security.Authentication;
using Orchestrator.Metrics.Exporter.Yaml;

namespace Orchestrator.Metrics.Exporter.Web;

/// <summary>Reads the section <c>tls_server_config</c>. Values that .NET does not support are errors.</summary>
internal static class TlsOptionsReader
{
    private static readonly Dictionary<string, ClientCertificateMode> Modes = new()
    {
        [nameof(ClientCertificateMode.NoClientCert)] = ClientCertificateMode.NoClientCert,
        [nameof(ClientCertificateMode.RequestClientCert)] = ClientCertificateMode.RequestClientCert,
        [nameof(ClientCertificateMode.RequireAnyClientCert)] = ClientCertificateMode.RequireAnyClientCert,

        // The name in old versions of the exporter toolkit.
        ["RequireClientCert"] = ClientCertificateMode.RequireAnyClientCert,
        [nameof(ClientCertificateMode.VerifyClientCertIfGiven)] = ClientCertificateMode.VerifyClientCertIfGiven,
        [nameof(ClientCertificateMode.RequireAndVerifyClientCert)] = ClientCertificateMode.RequireAndVerifyClientCert,
    };

    private static readonly Dictionary<string, SslProtocols> Versions = new()
    {
        ["TLS12"] = SslProtocols.Tls12,
        ["TLS13"] = SslProtocols.Tls13,
    };

    // The suites of TLS 1.3, which Go always offers.
    private static readonly TlsCipherSuite[] Tls13Suites =
    [
        TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
    ];

    // The suites that Go does not classify as insecure (crypto/tls, CipherSuites).
    private static readonly Dictionary<string, TlsCipherSuite> Suites = new TlsCipherSuite[]
    {
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    }.Concat(Tls13Suites).ToDictionary(suite => suite.ToString());

    /// <returns>Null after an error.</returns>
    public static TlsOptions? Read(YamlMap map, string folder, bool http2)
    {
        var certificate = ReadPem(map, "cert", folder, isRequired: true);
        var key = ReadPem(map, "key", folder, isRequired: true);
        var ca = ReadPem(map, "client_ca", folder, isRequired: false);
        var mode = ReadChoice(map, "client_auth_type", Modes) ?? ClientCertificateMode.NoClientCert;
        var names = map.FindStrings("client_allowed_sans");
        CheckClientCertificates(map, mode, ca, names);
        var protocols = ReadProtocols(map);
        var suites = ReadCipherSuites(map);
        RejectUnsupported(map);
        map.RejectUnknownKeys();
        return certificate is null || key is null ? null : new TlsOptions
        {
            Certificate = certificate,
            Key = key,
            ClientCertificates = mode,
            ClientCa = ca,
            ClientNames = names,
            Protocols = protocols,
            CipherSuites = suites,
            Http2 = http2,
        };
    }

    private static PemText? ReadPem(YamlMap map, string key, string folder, bool isRequired)
    {
        var text = map.Find(key);
        var file = map.Find(key + "_file");
        if (text is not null && file is not null)
            file.AddError($"'{key}' and '{key}_file' are mutually exclusive. Set only one of them.");
        else if (text?.AsNonEmptyString() is { } pem)
            return new PemText($"tls_server_config.{key}", null, pem);
        else if (file?.AsNonEmptyString() is { } path)
            return new PemText($"tls_server_config.{key}_file", Path.Combine(folder, path), null);
        else if (isRequired && text is null && file is null)
            map.AddError(key, $"The key '{key}_file' is missing. Add it.");
        return null;
    }

    private static void CheckClientCertificates(
        YamlMap map, ClientCertificateMode mode, PemText? ca, IReadOnlyList<string> names)
    {
        const string Mode = "client_auth_type";
        if (mode is ClientCertificateMode.VerifyClientCertIfGiven or ClientCertificateMode.RequireAndVerifyClientCert
            && ca is null)
            map.AddError(Mode, $"'{mode}' needs the CA of the clients. Set client_ca_file.");
        if (mode == ClientCertificateMode.NoClientCert && ca is not null)
            map.AddError("client_ca_file", "The server does not request client certificates. Set client_auth_type, " +
                "for example to RequireAndVerifyClientCert.");
        if (names.Count > 0 && mode is not (
            ClientCertificateMode.RequireAnyClientCert or ClientCertificateMode.RequireAndVerifyClientCert))
            map.AddError("client_allowed_sans", "Clients without a certificate have no names. Set client_auth_type " +
                "to RequireAndVerifyClientCert.");
    }

    private static SslProtocols ReadProtocols(YamlMap map)
    {
        var lowest = ReadChoice(map, "min_version", Versions) ?? SslProtocols.Tls12;
        var highest = ReadChoice(map, "max_version", Versions) ?? SslProtocols.Tls13;
        if (lowest > highest)
            map.AddError("min_version", "min_version is higher than max_version. Lower it.");
        return lowest | highest;
    }

    private static CipherSuitesPolicy? ReadCipherSuites(YamlMap map)
    {
        const string Key = "cipher_suites";
        var suites = new List<TlsCipherSuite>();
        foreach (var item in map.Find(Key)?.AsList() ?? [])
        {
            if (item.AsString() is not { } name)
                continue;
            if (Suites.TryGetValue(name, out var suite))
                suites.Add(suite);
            else
                item.AddError(
                    $"'{name}' is not a supported cipher suite. Write one of: {string.Join(", ", Suites.Keys)}.");
        }

        if (suites.Count == 0)
            return null;
        if (!OperatingSystem.IsWindows())
            return new CipherSuitesPolicy(suites.Union(Tls13Suites));
        map.AddError(Key, "Windows sets the cipher suites of all programs. Remove the key.");
        return null;
    }

    private static void RejectUnsupported(YamlMap map)
    {
        if (map.Find("prefer_server_cipher_suites")?.AsBoolean() == false)
            map.AddError("prefer_server_cipher_suites", "'false' is not supported: the server always prefers its own " +
                "order, as in current versions of Go. Remove the key.");
        if (map.Find("curve_preferences") is not null)
            map.AddError("curve_preferences", "curve_preferences is not supported: the TLS library of the system " +
                "sets the curves. Remove the key. To change the curves, set Groups in openssl.cnf.");
    }

    private static T? ReadChoice<T>(YamlMap map, string key, Dictionary<string, T> choices)
        where T : struct
    {
        if (map.Find(key) is not { } value || value.AsString() is not { } text)
            return null;
        if (choices.TryGetValue(text, out var choice))
            return choice;
        value.AddError($"'{text}' is not supported. Write one of: {string.Join(", ", choices.Keys)}.");
        return null;
    }
}
