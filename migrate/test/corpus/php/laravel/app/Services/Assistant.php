<?php

namespace App\Services;

use Anthropic\Client;
use Anthropic\Messages\Model;

final class Assistant
{
    public function __construct(private Client $client) {}

    public function ask(string $question): string
    {
        $message = $this->client->messages->create(
            maxTokens: 2048,
            messages: [['role' => 'user', 'content' => $question]],
            model: Model::CLAUDE_3_7_SONNET_LATEST,
        );

        return $message->content[0]->text;
    }

    public function sample(string $question): array
    {
        return $this->post([
            'model' => 'claude-3-5-sonnet-20241022',
            'max_tokens' => 1000,
            'temperature' => 0.8,
            'top_p' => 0.9,
            'messages' => [['role' => 'user', 'content' => $question]],
        ]);
    }

    public function json(string $question): array
    {
        return $this->post([
            'model' => 'claude-3-haiku-20240307',
            'max_tokens' => 1000,
            'messages' => [
                ['role' => 'user', 'content' => $question],
                ['role' => 'assistant', 'content' => '['],
            ],
        ]);
    }

    public function isLarge(string $model): bool
    {
        return str_contains($model, 'opus-4') || preg_match('/^claude-3-(opus|7)/', $model) === 1;
    }

    /** @param array<string, mixed> $body */
    private function post(array $body): array
    {
        return Http::withHeaders(['anthropic-version' => '2023-06-01'])
            ->post('https://api.anthropic.com/v1/messages', $body)
            ->throw()
            ->json();
    }
}
