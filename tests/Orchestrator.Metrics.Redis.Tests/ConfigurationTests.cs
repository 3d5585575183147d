using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.Redis;
using StackExchange.Redis;

namespace Orchestrator.Metrics.Tests;

public class ConfigurationTests
{
    private const string Url =
        "The configuration of Redis is a URL. Write redis.example.org:6379,password=<password>.";

    private const string TlsUrl =
        "The configuration of Redis is a URL. Write redis.example.org:6379,password=<password>,ssl=true.";

    private const string NoServer =
        "The configuration of Redis names no server. Write redis.example.org:6379,password=<password>.";

    private const string InvalidPart = "is neither a server with a port nor an option. Write " +
        "redis.example.org:6379,password=<password>, with a password that contains no comma.";

    private const string UnknownPassword =
        "has an unknown option. Did you mean 'password'? A password must not contain a comma.";

    private const string UnknownTimeout =
        "has an unknown option. Did you mean 'connectTimeout'? A password must not contain a comma.";

    private const string Milliseconds = "takes a number of milliseconds, such as 5000.";

    [TestCase("redis:6379")]
    [TestCase("redis")]
    [TestCase("my_redis-0.example.org, 10.0.0.1:6380 ,[::1]:6379,")]
    [TestCase("::1")]
    [TestCase("[fe80::1%2]:6379")]
    [TestCase("!/run/redis.sock")]
    [TestCase("redis:6379,password=a@b://c")]
    [TestCase("password=a@b,redis:6379,user=c@d")]
    [TestCase("a:1,b:2,password=S3cret,ssl=true,abortConnect=false")]
    public void Valid_configuration_is_accepted(string configuration) =>
        Assert.That(Parse(configuration).EndPoints, Is.Not.Empty);

    [TestCase("redis:6379,passwrd=S3cret", 2, UnknownPassword)]
    [TestCase("redis:6379, PassWort = S3cret", 2, UnknownPassword)]
    [TestCase("redis:6379,ssl=true,connect_timeout=S3cret", 3, UnknownTimeout)]
    [TestCase("redis:6379,db=S3cret", 2,
        "has an unknown option. Did you mean 'defaultDatabase'? A password must not contain a comma.")]
    [TestCase("redis:6379,UserName=S3cret", 2,
        "has an unknown option. Did you mean 'user'? A password must not contain a comma.")]
    [TestCase("redis:6379,connectTimeout=S3cret", 2, "has an invalid value: 'connectTimeout' " + Milliseconds)]
    [TestCase("redis:6379,connectTimeout=5s", 2, "has an invalid value: 'connectTimeout' " + Milliseconds)]
    [TestCase("redis:6379,syncTimeout=-1", 2, "has an invalid value: 'syncTimeout' " + Milliseconds)]
    [TestCase("redis:6379,keepAlive=1m", 2, "has an invalid value: 'keepAlive' takes a number of seconds, such as 60.")]
    [TestCase("redis:6379,version=-7", 2, "has an invalid value: 'version' takes a version of Redis, such as 7.2.")]
    [TestCase("redis:6379,tunnel=S3cret", 2, "has an invalid value: 'tunnel' takes the address of an HTTP proxy, such as " +
        "http://proxy.example.org:3128.")]
    [TestCase("redis:6379,tunnel=tcp:S3cret", 2, "has an invalid value: 'tunnel' takes the address of an HTTP proxy, " +
        "such as http://proxy.example.org:3128.")]
    [TestCase("redis:6379, SSL = S3cret", 2, "has an invalid value: 'SSL' takes true or false.")]
    [TestCase("redis:6379,ssl=true,password=a,ssl=S3cret", 4, "has an invalid value: 'ssl' takes true or false.")]
    [TestCase("abortConnect=maybe,redis:6379", 1, "has an invalid value: 'abortConnect' takes true or false.")]
    [TestCase("redis:99999,password=S3cret", 1, InvalidPart)]
    [TestCase("user:S3=cret@redis:6379", 1, InvalidPart)]
    [TestCase("redis:6379:S3cret", 1, InvalidPart)]
    [TestCase("redis:6379/S3cret", 1, InvalidPart)]
    [TestCase("redis S3cret", 1, InvalidPart)]
    [TestCase("redis:6379,S3cret", 2, InvalidPart)]
    [TestCase("redis:6379,:S3cret", 2, InvalidPart)]
    [TestCase("redis:6379,!/S3cret", 2, InvalidPart)]
    [TestCase("redis:6379,abcd:ef::S3cret", 2, InvalidPart)]
    [TestCase("redis:6379,user:S3cret@redis2:6379", 2, InvalidPart)]
    [TestCase("redis:6379,redis://:S3cret@redis2:6379", 2, InvalidPart)]
    [TestCase("redis:6379, user:S3=cret@redis2:6379", 2, InvalidPart)]
    public void Error_names_the_part_and_no_secret(string configuration, int part, string problem) =>
        AssertError(configuration, $"Part {part} of the comma-separated configuration of Redis {problem}");

    [TestCase("password=S3cret", NoServer)]
    [TestCase("redis://:S3cret@127.0.0.1:6379/0", Url)]
    [TestCase("rediss://user:S3cret@redis:6379", TlsUrl)]
    [TestCase("REDISS://redis:6379", TlsUrl)]
    [TestCase("rediss@redis", Url)]
    [TestCase("redis://:S3=cret,S3cret@redis:6379", Url)]
    [TestCase("user:S3cret@redis:6379", Url)]
    [TestCase("S3cret@redis", Url)]
    public void Error_of_the_whole_configuration_names_no_secret(string configuration, string error) =>
        AssertError(configuration, error);

    [TestCase("localhost:6379", 750)]
    [TestCase("localhost:6379,connectTimeout=7000,ssl=true", 7000)]
    public void Connect_timeout_is_shorter_than_that_of_a_command_unless_configured(string configuration, int expected) =>
        Assert.That(Parse(configuration).ConnectTimeout, Is.EqualTo(expected));

    [TestCase("localhost:6379", 1)]
    [TestCase("localhost:6379,connectRetry=4", 4)]
    public void First_connection_is_tried_once_by_default(string configuration, int attempts) =>
        Assert.That(Parse(configuration).ConnectRetry, Is.EqualTo(attempts));

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("ssl=true")]
    public void Invalid_configuration_is_an_error_at_registration(string configuration) => Assert.That(
        () => new ServiceCollection().AddOrchestratorMetrics().ShareResultsInRedis(configuration),
        Throws.ArgumentException.With.Property("ParamName").EqualTo("configuration"));

    [TestCase("redis:6379,password=a,S3cret=b", 3)]
    [TestCase("redis:6379,configuration=S3cret", 2)]
    public void Error_for_an_unknown_option_lists_the_known_ones(string configuration, int part) => AssertError(
        configuration,
        $"Part {part} of the comma-separated configuration of Redis has an unknown option. Known options: " +
        $"{string.Join(", ", RedisConfiguration.Options.Keys)}. A password must not contain a comma.");

    [Test]
    public void Each_known_option_exists_and_accepts_the_values_that_its_error_states()
    {
        foreach (var (option, value) in RedisConfiguration.Options)
        {
            Assert.That(GetParseError(option, "S3cret"), value == "any text" ? Is.Null : Is.Not.Null, option);
            Assert.That(GetParseError(option, value.Split(' ')[^1]), Is.Null, option);
        }

        Assert.That(GetParseError("nix", "1"), Does.Contain("Keyword 'nix' is not supported"));

        static string? GetParseError(string option, string value)
        {
            try
            {
                _ = ConfigurationOptions.Parse($"redis:6379,{option}={value}");
                return null;
            }
            catch (Exception exception)
            {
                return exception.Message;
            }
        }
    }

    [Test]
    public void Parsed_configuration_is_a_keyed_service()
    {
        var builder = new ServiceCollection().AddOrchestratorMetrics().ShareResultsInRedis("redis:6380,password=S3cret");
        using var services = builder.Services.BuildServiceProvider();

        var options = services.GetRequiredKeyedService<ConfigurationOptions>(typeof(ICollectorResultStore));

        Assert.That(options.EndPoints.Single().ToString(), Does.EndWith("redis:6380"));
        Assert.That(options.ConnectTimeout, Is.EqualTo(750));
        Assert.That(services.GetService<ConfigurationOptions>(), Is.Null);
    }

    private static void AssertError(string configuration, string error)
    {
        var exception = Assert.Throws<ArgumentException>(() => Parse(configuration))!;
        Assert.That(exception.Message, Is.EqualTo($"{error} (Parameter 'configuration')"));
        Assert.That(exception.ToString(), Does.Not.Contain("S3cret"));
    }

    private static ConfigurationOptions Parse(string configuration) =>
        RedisConfiguration.Parse(configuration, TimeSpan.FromSeconds(1));
}
