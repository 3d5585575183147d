using Npgsql;
using Orchestrator.Metrics.Exporter.Database;

namespace Orchestrator.Metrics.Exporter.Tests.Database;

public class DatabaseUriTests
{
    private static IEnumerable<TestCaseData> ReadRows() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Database", "database-uris.tsv"))
            .Select(line => line.Split('\t')).Select(row => new TestCaseData(row[0], row[1]));

    [TestCaseSource(nameof(ReadRows))]
    public void Uri_is_converted_to_a_connection_string_of_Npgsql(string uri, string expected)
    {
        Assert.That(ToConnectionString(uri), Is.EqualTo(expected));
        Assert.That(() => new NpgsqlConnectionStringBuilder(expected), Throws.Nothing);
    }

    [TestCase("postgresql://u:p/w?x#y@h/db", "p/w?x#y")]
    [TestCase("postgresql://u:p#w@h:5432/db", "p#w")]
    [TestCase("postgresql://u:a@b@c@h/db?application_name=x@y", "a@b@c")]
    [TestCase("postgresql://u:@h/db", "")]
    [TestCase("postgresql://u:12@h/db", "12")]
    [TestCase("postgresql://u:p:q@h/db", "p:q")]
    [TestCase("postgresql://u:%2B+@h/db", "++")]
    [TestCase("postgresql://u:[x]@h/db", "[x]")]
    [TestCase("postgresql://u:5432,secret@h/db", "5432,secret")]
    [TestCase("postgresql://u:5432,secret@h/db?application_name=x@y", "5432,secret")]
    public void Password_may_contain_separators(string uri, string password)
    {
        var connection = new NpgsqlConnectionStringBuilder(ToConnectionString(uri));

        Assert.That(connection.Password ?? "", Is.EqualTo(password));
        Assert.That((connection.Username, connection.Host, connection.Database), Is.EqualTo(("u", "h", "db")));
    }

    [TestCase("postgresql://h:5432/db?application_name=x@y", "Application Name=x@y;Database=db;Host=h;Port=5432")]
    [TestCase("postgresql://u@h:5432/db?application_name=x@y", "Application Name=x@y;Database=db;Host=h;Port=5432;Username=u")]
    [TestCase("postgresql://h1:1,h2:2/db?application_name=x@y", "Application Name=x@y;Database=db;Host=h1:1,h2:2")]
    [TestCase("postgresql://u%40x@h/db", "Database=db;Host=h;Username=u@x")]
    [TestCase("postgresql://u@x:p@h/db", "Database=db;Host=h;Password=p;Username=u@x")]
    [TestCase("postgresql://[::1]/db", "Database=db;Host=::1")]
    [TestCase("postgresql://u@%2Frun%2Fpg:5433/db", "Database=db;Host=/run/pg;Port=5433;Username=u")]
    [TestCase("postgresql://h", "Host=h")]
    [TestCase("postgresql://h/", "Host=h")]
    [TestCase("postgresql://h?sslmode=disable", "Host=h;SSL Mode=Disable")]
    [TestCase("postgresql:///db?host=a,b&port=5", "Database=db;Host=a:5,b:5")]
    [TestCase("postgresql://x/db?host=h", "Database=db;Host=h")]
    [TestCase("postgresql://h/db?sslmode=&nonsense&connect_timeout=&", "Database=db;Host=h")]
    [TestCase("postgresql://h/db?client_encoding=utf-8", "Database=db;Host=h")]
    [TestCase("postgresql://h/db?keepalives_interval=5", "Database=db;Host=h;TCP Keepalive Interval=5;TCP Keepalive Time=7200")]
    [TestCase("postgresql://h/db?keepalives_interval=5&keepalives_idle=9", "Database=db;Host=h;TCP Keepalive Interval=5;TCP Keepalive Time=9")]
    [TestCase("postgresql://h/db?sslnegotiation=direct&sslmode=require", "Database=db;Host=h;SSL Mode=Require;SSL Negotiation=Direct")]
    [TestCase("postgresql://h/db?require_auth=scram-sha-256,md5", "Database=db;Host=h;Require Auth=ScramSHA256,MD5")]
    [TestCase("postgresql://h/db?require_auth=!password,!none", "Database=db;Host=h;Require Auth=!Password,!None")]
    [TestCase("postgresql://h:5432/db?port=5433", "Database=db;Host=h;Port=5433")]
    [TestCase("postgresql://h1:1,h2:2/db?port=5433", "Database=db;Host=h1:5433,h2:5433")]
    [TestCase("postgresql://x:5433/db?host=h", "Database=db;Host=h;Port=5433")]
    [TestCase("postgresql://x:5433/db?host=/run/pg", "Database=db;Host=/run/pg;Port=5433")]
    [TestCase("postgresql://:5433/db?host=/run/pg", "Database=db;Host=/run/pg;Port=5433")]
    [TestCase("postgresql://x:5433/db?host=a,b", "Database=db;Host=a,b")]
    [TestCase("postgresql://x:5433/db?host=h:5434", "Database=db;Host=h;Port=5434")]
    [TestCase("postgresql://x:5433/db?host=h&port=5434", "Database=db;Host=h;Port=5434")]
    [TestCase("postgresql:///db?host=a&host=b&port=1&port=2", "Database=db;Host=a:1,b:2")]
    [TestCase("postgresql://h/db?sslrootcert=system", "Database=db;Host=h;SSL Mode=VerifyFull")]
    [TestCase("postgresql://h/db?sslrootcert=/ca&sslmode=verify-ca", "Database=db;Host=h;Root Certificate=/ca;SSL Mode=VerifyCA")]
    [TestCase("postgresql://h/db?sslrootcert=/ca&sslmode=prefer", "Database=db;Host=h;Root Certificate=/ca;SSL Mode=Prefer")]
    [TestCase("postgresql://h/db?load_balance_hosts=random&keepalives=0", "Database=db;Host=h;Load Balance Hosts=True;TCP Keepalive=False")]
    [TestCase("postgresql://h/db?fallback_application_name=a", "Application Name=a;Database=db;Host=h")]
    [TestCase("postgresql://h/db?application_name=b&fallback_application_name=a", "Application Name=b;Database=db;Host=h")]
    [TestCase("postgresql://h/db?fallback_application_name=a&application_name=b", "Application Name=b;Database=db;Host=h")]
    public void Less_common_uri_is_converted_to_a_connection_string_of_Npgsql(string uri, string expected)
    {
        Assert.That(ToConnectionString(uri), Is.EqualTo(expected));
        Assert.That(() => new NpgsqlConnectionStringBuilder(expected), Throws.Nothing);
    }

    [TestCase("sslcrl=x", "sslcrl")]
    [TestCase("hostaddr=10.0.0.1", "hostaddr")]
    [TestCase("service=x", "service")]
    [TestCase("tcp_user_timeout=1", "tcp_user_timeout")]
    [TestCase("prepare_threshold=0", "prepare_threshold")]
    [TestCase("sslmode=on", "sslmode")]
    [TestCase("ssl=false", "ssl")]
    [TestCase("connect_timeout=soon", "connect_timeout")]
    [TestCase("connect_timeout=1025", "'connect_timeout' is not a number from 0 to 1024")]
    [TestCase("keepalives_idle=-1", "keepalives_idle")]
    [TestCase("keepalives_interval=2147484", "keepalives_interval")]
    [TestCase("client_encoding=latin1", "client_encoding")]
    [TestCase("sslnegotiation=x", "sslnegotiation")]
    [TestCase("sslnegotiation=direct", "sslmode=require")]
    [TestCase("sslnegotiation=direct&sslmode=prefer", "sslmode=require")]
    [TestCase("require_auth=x", "require_auth")]
    [TestCase("require_auth=md5,!none", "require_auth")]
    [TestCase("target_session_attrs=master", "target_session_attrs")]
    [TestCase("target_session_attrs=read-write", "target_session_attrs")]
    [TestCase("gssencmode=maybe", "gssencmode")]
    [TestCase("sslrootcert=system&sslmode=require", "sslmode=verify-full")]
    public void Error_for_an_unsupported_or_invalid_parameter_names_the_parameter(string query, string name)
    {
        Assert.That(
            () => ToConnectionString($"postgresql://u:p@h/db?{query}"),
            Throws.InstanceOf<FormatException>().With.Message.Contains(name));
    }

    [TestCase("")]
    [TestCase("db.example.org")]
    [TestCase("mysql://u:hidden@h/db")]
    [TestCase("postgresql+://u:hidden@h/db")]
    [TestCase("postgresql:///db")]
    [TestCase("postgresql://u:hidden@/db")]
    [TestCase("postgresql://u:hidden@h:port/db")]
    [TestCase("postgresql://u:hidden@h:0/db")]
    [TestCase("postgresql://u:hidden@h:65536/db")]
    [TestCase("postgresql://u:hid@h:den/hidden@h/db")]
    [TestCase("postgresql://u:a@hidden!/b@h/db")]
    [TestCase("postgresql://u:p@h/db?hidden&hidden=hidden")]
    [TestCase("postgresql://h/db?password=a&hidden!=1")]
    [TestCase("postgresql:///db?host=a,b,c&port=1,2")]
    [TestCase("postgresql://u[hidden!@h/db")]
    [TestCase("postgresql://u:5432,hidden!/x@h/db")]
    [TestCase("postgresql:///db?host=hidden!@h")]
    public void Error_for_an_invalid_uri_does_not_contain_the_password(string uri)
    {
        Assert.That(
            () => Normalize(uri, isUri: true),
            Throws.InstanceOf<FormatException>().With.Message.Not.Contains("hidden!"));
    }

    [TestCase("postgresql://u:p@h/db\0")]
    [TestCase("postgresql://u:p\0@h/db")]
    [TestCase("postgresql://u%00:p@h/db")]
    [TestCase("postgresql://u:p%00q@h/db")]
    [TestCase("postgresql://u:p@h%00/db")]
    [TestCase("postgresql://u:p@h\0/db")]
    [TestCase("postgresql://u:p@h:1\0/db")]
    [TestCase("postgresql://u:p@h/db?application_name=%00")]
    [TestCase("postgresql://u:p@h/db?sslrootcert=a%00")]
    [TestCase("postgresql://u:p@h/db?host=h%00")]
    [TestCase("postgresql://u:p@h/db?x%00=1")]
    [TestCase("\0postgresql://u:p@h/db")]
    public void Uri_with_a_null_character_is_an_error(string uri) =>
        Assert.That(() => Normalize(uri, isUri: true), Throws.InstanceOf<FormatException>());

    [TestCase("Host=h;Password=p\0q")]
    [TestCase("Host=h;Password='p\0q'")]
    [TestCase("Host=h\0;Password=p")]
    public void Connection_string_with_a_null_character_is_an_error(string text) =>
        Assert.That(() => Normalize(text, isUri: false), Throws.InstanceOf<FormatException>());

    [Test]
    public void Error_for_a_damaged_uri_contains_no_part_of_the_password()
    {
        const string Uri = "postgresql+psycopg://user:QQQQ/QQQQ?QQQQ&QQQQ=QQQQ@host:5432,h2:5433/db?sslmode=require&options=x";
        const string Inserted = ":/?#@&=[],%+";
        var errors = 0;
        for (var seed = 0; seed < 5_000; seed++)
        {
            var random = new Random(seed);
            var uri = Uri;
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var index = random.Next(uri.Length);
                var character = Inserted[random.Next(Inserted.Length)].ToString();
                uri = random.Next(3) switch
                {
                    0 => uri.Remove(index, 1),
                    1 => uri.Insert(index, character),
                    _ => uri.Remove(index, 1).Insert(index, character),
                };
            }

            try
            {
                Normalize(uri, isUri: true);
            }
            catch (FormatException exception)
            {
                errors++;
                Assert.That(exception.Message, Does.Not.Contain("QQ"), uri);
            }
        }

        Assert.That(errors, Is.GreaterThan(500));
    }

    [TestCase("sslmod=require", "Did you mean 'sslmode'?")]
    [TestCase("aplication_name=x", "Did you mean 'application_name'?")]
    public void Misspelled_parameter_has_a_suggestion(string query, string suggestion) => Assert.That(
        () => ToConnectionString($"postgresql://h/db?{query}"),
        Throws.InstanceOf<FormatException>().With.Message.Contains(suggestion));

    [TestCase("Host=h;Password=sec;ret")]
    [TestCase("Host=h;Password=sec;ret=x")]
    [TestCase("Host=h;Password='sec;ret")]
    [TestCase("Password=secret")]
    [TestCase("secret")]
    [TestCase("Host=h;Port=secret")]
    [TestCase("Host=h;SSL Mode=secret")]
    public void Error_for_an_invalid_connection_string_does_not_contain_its_values(string text)
    {
        Assert.That(
            () => Normalize(text, isUri: false),
            Throws.InstanceOf<FormatException>()
                .With.Message.Not.Contains("secret").And.Message.Not.Contains("ret=").And.Message.Not.Contains("'ret'"));
    }

    [Test]
    public void Defaults_of_the_exporter_do_not_replace_given_values()
    {
        var defaults = new NpgsqlConnectionStringBuilder(Normalize("Host=h", isUri: false));
        var given = new NpgsqlConnectionStringBuilder(Normalize(
            "Host=h;Maximum Pool Size=7;Application Name=a", isUri: false));

        Assert.That(
            (defaults.MaxPoolSize, defaults.ApplicationName), Is.EqualTo((5, "orchestrator-metrics-exporter")));
        Assert.That((given.MaxPoolSize, given.ApplicationName), Is.EqualTo((7, "a")));
    }

    [TestCase("PGSSLMODE=verify-full", "", "Database=db;Host=h;Port=1;SSL Mode=VerifyFull;Username=u")]
    [TestCase("PGSSLMODE=verify-full", "?sslmode=require", "Database=db;Host=h;Port=1;SSL Mode=Require;Username=u")]
    [TestCase("PGSSLMODE=nonsense", "?sslmode=require", "Database=db;Host=h;Port=1;SSL Mode=Require;Username=u")]
    [TestCase("PGSSLMODE=", "", "Database=db;Host=h;Port=1;Username=u")]
    [TestCase("PGSSLROOTCERT=/ca", "?sslmode=require",
        "Database=db;Host=h;Port=1;Root Certificate=/ca;SSL Mode=VerifyCA;Username=u")]
    [TestCase("PGHOST=x PGPORT=2 PGDATABASE=y PGUSER=z", "", "Database=db;Host=h;Port=1;Username=u")]
    [TestCase("PGREQUIREAUTH=scram-sha-256", "", "Database=db;Host=h;Port=1;Require Auth=ScramSHA256;Username=u")]
    [TestCase("PGCLIENTENCODING=latin1", "", "Database=db;Host=h;Port=1;Username=u")]
    public void Variables_of_libpq_apply_where_the_uri_sets_nothing(string variables, string query, string expected) =>
        Assert.That(
            DatabaseUri.ToConnectionString("postgresql://u@h:1/db" + query, ParseVariables(variables)),
            Is.EqualTo(expected));

    [TestCase("PGHOST=/run/pg PGPORT=2 PGDATABASE=y PGUSER=z", "postgresql://",
        "Database=y;Host=/run/pg;Port=2;Username=z")]
    [TestCase("PGHOST=/run/pg PGSSLMODE=verify-full", "postgresql:///db", "Database=db;Host=/run/pg")]
    [TestCase("PGHOST=a,b PGPORT=1,2", "postgresql:///db", "Database=db;Host=a:1,b:2")]
    [TestCase("PGHOST=a", "postgresql://u@/db", "Database=db;Host=a;Username=u")]
    [TestCase("PGHOST=a", "postgresql://:5/db", "Database=db;Host=a;Port=5")]
    [TestCase("PGPORT=2", "postgresql://h1:1,h2/db", "Database=db;Host=h1:1,h2:2")]
    [TestCase("PGPORT=2", "postgresql:///db?host=h", "Database=db;Host=h;Port=2")]
    [TestCase("PGHOST=a", "postgresql:///db?host=h", "Database=db;Host=h")]
    [TestCase("PGPORT=1,2", "postgresql://h:3/db", "Database=db;Host=h;Port=3")]
    public void Variables_of_libpq_complete_the_server(string variables, string uri, string expected) =>
        Assert.That(DatabaseUri.ToConnectionString(uri, ParseVariables(variables)), Is.EqualTo(expected));

    [TestCase("PGSERVICE=hidden", "PGSERVICE applies to it. The parameter 'service' has no counterpart")]
    [TestCase("PGSSLCRL=hidden", "PGSSLCRL applies")]
    [TestCase("PGREQUIRESSL=1", "PGREQUIRESSL applies")]
    [TestCase("PGSSLMODE=hidden", "PGSSLMODE applies to it. The value of the parameter 'sslmode' is unknown.")]
    [TestCase("PGTARGETSESSIONATTRS=read-write", "PGTARGETSESSIONATTRS")]
    [TestCase("PGHOSTADDR=hidden", "PGHOSTADDR applies")]
    public void Variable_of_libpq_that_cannot_apply_is_an_error(string variable, string message) => Assert.That(
        () => DatabaseUri.ToConnectionString("postgresql://u@h/db", ParseVariables(variable)),
        Throws.InstanceOf<FormatException>().With.Message.Contains(message).And.Message.Not.Contains("hidden"));

    [Test]
    public void Variables_of_libpq_do_not_apply_to_a_connection_string_of_Npgsql() => Assert.That(
        ConnectionText.Normalize("Host=h", isUri: false, 5, ParseVariables("PGSERVICE=x PGSSLMODE=verify-full")),
        Does.Not.Contain("SSL Mode"));

    private static string ToConnectionString(string uri) => DatabaseUri.ToConnectionString(uri, ParseVariables(""));

    private static string Normalize(string text, bool isUri) =>
        ConnectionText.Normalize(text, isUri, 5, ParseVariables(""));

    private static Dictionary<string, string> ParseVariables(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(variable => variable.Split('=', 2))
            .ToDictionary(variable => variable[0], variable => variable[1]);
}
