<?php

return [
    'model' => env('ANTHROPIC_MODEL', 'claude-3-5-sonnet-20241022'),
    'max_tokens' => 4096,
    'temperature' => 0.7,
    'vision_model' => 'claude-3-opus-20240229',
];
