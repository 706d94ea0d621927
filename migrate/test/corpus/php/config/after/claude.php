<?php

return [
    'model' => env('ANTHROPIC_MODEL', 'claude-sonnet-5-5'),
    'max_tokens' => 4096,
    'vision_model' => 'claude-sonnet-5-5',
];
