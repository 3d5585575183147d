using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Npgsql;

namespace Orchestrator.Metrics.Exporter.Checks;

internal static class DatabaseFailure
{
    // An inner exception may be the cause. A query that is not of orchestrator-core comes from a collector file.
    public static string Describe(Exception exception, string setting, string servers, bool isCore)
    {
        var causes = new List<Exception>();
        for (var cause = exception; cause is not null; cause = cause.InnerException)
            causes.Add(cause);
        return causes.Select(cause => cause switch
        {
            PostgresException error => Describe(error, setting, isCore),

            // The driver reads the certificate files while it connects.
            FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException
                or CryptographicException =>
                $"Cannot use the file in sslrootcert, sslcert or sslkey. {cause.Message.TrimEnd('.')}. Correct the " +
                $"file, or its path in {setting}.",
            NpgsqlException error when error.Message.Contains("pool has been exhausted", StringComparison.Ordinal) =>
                "All connections of the exporter were in use. Raise database.max_connections.",
            SocketException error => Describe(error.SocketErrorCode, setting, servers),
            TimeoutException => Describe(SocketError.TimedOut, setting, servers),
            EndOfStreamException => Describe(SocketError.ConnectionReset, setting, servers),
            AuthenticationException =>
                "The certificate of the server is not trusted, or is for another host name. Set sslrootcert to the " +
                $"file of its certificate authority, and the host to a name in the certificate: {setting}.",
            _ => null,
        }).FirstOrDefault(text => text is not null)
            ?? DescribeOther(causes.OfType<NpgsqlException>().FirstOrDefault() ?? exception, setting, servers);
    }

    // The driver has no error codes for these failures.
    private static string DescribeOther(Exception exception, string setting, string servers)
    {
        var message = exception.Message.TrimEnd('.');
        if (message.StartsWith("No password", StringComparison.Ordinal))
            return $"The server requires a password. Add it to {setting}.";
        if (message.StartsWith("SSL connection requested", StringComparison.Ordinal))
            return $"The server does not offer TLS. Turn it on there (ssl = on), or correct sslmode in {setting}.";
        if (message.StartsWith("No suitable host", StringComparison.Ordinal))
            return $"None of the servers can be used: {servers}. Check hosts, ports and target_session_attrs in " +
                $"{setting}, and whether PostgreSQL runs.";
        if (message.StartsWith("Received unknown response", StringComparison.Ordinal))
            return $"{servers} is not a PostgreSQL server. Correct host and port in {setting}.";
        return $"{message}. Check {setting}.";
    }

    private static string Describe(PostgresException error, string setting, bool isCore)
    {
        var message = error.MessageText;
        return error.SqlState switch
        {
            // The code and the message depend on the version of the server.
            _ when error.Routine == "ImportSnapshot" =>
                "The snapshot of the scrape does not exist on the server, for example because a load balancer chose " +
                $"another one. Set only one server in {setting}, or database.shared_snapshot to false.",
            PostgresErrorCodes.InvalidPassword =>
                $"The server refuses the user name or the password. Correct them in {setting}.",
            PostgresErrorCodes.InvalidAuthorizationSpecification =>
                $"The server refuses this user ({message}). Check the user name in {setting}, and pg_hba.conf on the " +
                "server.",
            PostgresErrorCodes.InvalidCatalogName =>
                $"The server has no such database ({message}). Correct or add the database name in {setting}; the " +
                "default is the user name.",
            // Routine is a function of the server. It is checked because the message may be translated.
            PostgresErrorCodes.InsufficientPrivilege when error.Routine == "CheckMyDatabase" =>
                $"The user lacks permission to connect ({message}). As the owner of the database, grant CONNECT on " +
                $"it to the user of {setting}.",
            PostgresErrorCodes.InsufficientPrivilege =>
                $"The user lacks a permission ({message}). As the owner, grant SELECT on the table, or USAGE on the " +
                $"schema, to the user of {setting}.",
            PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName =>
                $"A table is missing ({message}). Run the migrations, or correct the query or the database in " +
                $"{setting}.",
            PostgresErrorCodes.QueryCanceled =>
                $"The server cancelled the query ({message}). Look for locks and slow queries, or raise the timeout.",
            PostgresErrorCodes.LockNotAvailable =>
                $"A table is locked ({message}), for example by a migration. Try again when it has ended.",
            PostgresErrorCodes.TooManyConnections =>
                $"The server has no free connection ({message}). Raise its limit, or lower database.max_connections.",
            PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown
                or PostgresErrorCodes.CannotConnectNow =>
                $"The server is starting up or shutting down, or terminated the connection ({message}). Try again.",
            PostgresErrorCodes.ReadOnlySqlTransaction =>
                $"The query writes data, but the transaction is read-only ({message}). Correct the query.",
            PostgresErrorCodes.SerializationFailure =>
                $"The query conflicts with replication ({message}). Set hot_standby_feedback = on on the replica.",
            ['4', '2', ..] when !isCore =>
                $"The query does not match the database schema ({message}). Correct the query.",
            ['4', '2', ..] =>
                $"The query does not match the database schema ({message}). Check the version of orchestrator-core: " +
                "its metrics need 2.0.1 or later.",
            ['0', '8', ..] =>
                $"The server, or a pooler such as PgBouncer in front of it, refuses the connection ({message}). " +
                $"Check {setting} and the settings of the pooler.",
            _ => $"The server reports: {message} (SQLSTATE {error.SqlState}). See the server log.",
        };
    }

    private static string Describe(SocketError error, string setting, string servers) => error switch
    {
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain =>
            $"The host name is unknown: {servers}. Correct it in {setting}, or add it to DNS.",
        SocketError.AddressNotAvailable when servers.StartsWith('/') =>
            $"There is no socket {servers}. Check host and port in {setting}, whether PostgreSQL runs, and its " +
            "setting unix_socket_directories.",
        SocketError.ConnectionRefused =>
            $"No server listens at {servers}. Check host and port in {setting}, whether PostgreSQL runs, and its " +
            "setting listen_addresses.",
        SocketError.TimedOut =>
            $"The connection to {servers} timed out. Check host and port in {setting}, and firewalls.",
        SocketError.ConnectionReset or SocketError.Shutdown =>
            $"{servers} closed the connection. Check host and port in {setting}, and the server log.",
        _ => $"{servers} cannot be reached ({error}). Check host and port in {setting}.",
    };
}
